import Formats
import Twin
import Workspace

extension Session {
  /// A twin that nothing has trained yet, its tensors as an object of the workspace.
  ///
  /// - Parameters:
  ///   - model: a model's YAML, or a checkpoint that holds one.
  ///   - data: a parent YAML with sessions, or a list of dataset configurations.
  /// - Throws: as `UntrainedTwin`; what reading and writing throw.
  package func untrainedTwin(model: String, data: String, seed: UInt32) throws -> TwinPayload {
    let configuration = try ModelFile.configuration(model)
    let datasets = try DatasetConfigurations.read(data, with: YAMLFiles())
    let twin = try UntrainedTwin(configuration: configuration, heads: datasets.heads, seed: seed)
    let heads = try datasets.heads.map {
      TwinPayload.Head(
        session: $0.session, cids: $0.cids,
        configuration: try HeadOverrides.text(adapter: $0.adapter, readout: $0.readout))
    }
    let digest = try workspace.objects.putFile {
      try SafetensorsWriter.write(
        twin.tensors, metadata: TwinExport.metadata(configuration: configuration, heads: heads), to: $0)
    }
    let path = workspace.objects.path(of: digest)
    let checkpoint = try Checkpoint(path: path)
    var payload = TwinPayload(
      checkpoint: FileReference(
        path: workspace.stored(path: path), byteCount: checkpoint.byteCount, fingerprint: checkpoint.fingerprint),
      configurationFiles: try datasets.files.map { try FileReference(reading: $0, in: workspace) }, heads: heads)
    payload.made = digest
    return payload
  }
}
