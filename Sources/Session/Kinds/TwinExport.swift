import Base
import Formats
import Foundation
import Workspace

/// A twin as a file: a Lightning checkpoint, or a safetensors file that has its tensors by the names of the checkpoint,
/// configuration and heads in the metadata. Beside the one stands the YAML of its sessions, beside the other that of its model.
enum TwinExport {
  /// Where the metadata holds the heads: JSON of sessions, cids and overrides.
  private static let headsKey = "vcsh_heads"

  /// Writes a twin as its file's ending says, with the YAML that belongs beside it.
  ///
  /// - Returns: what a user should know: what was written beside the file, and what was left out.
  /// - Throws: `unsupported` for another ending, and for a tensor that can't be read; `conflict` where a file of somebody else
  ///   stands in the place of a YAML; what writing throws.
  static func write(
    _ twin: LoadedTwin, to path: String, at span: SourceSpan?, in workspace: Workspace
  ) throws -> [String] {
    do {
      if path.lowercased().hasSuffix(".ckpt") { return try CheckpointExport(twin, to: path, in: workspace).write() }
      guard path.lowercased().hasSuffix(".safetensors") else {
        throw Failure(
          .unsupported, "`\(twin.name)` is a twin, which is written as .ckpt or .safetensors",
          hint: "export \(twin.name) \(twin.name).ckpt", span: span)
      }
      let yaml = try ModelYAML(twin.architecture.configuration, beside: path)
      try yaml.check(in: workspace)
      try writeTensors(twin, to: path)
      try yaml.write()
      return ["wrote \(yaml.path), the model's configuration as VisionCore reads it"]
    } catch let failure as Failure where failure.kind == .conflict {
      throw failure.located(at: span)
    }
  }

  /// Writes a safetensors file that opens by itself, and nothing beside it.
  ///
  /// - Throws: `unsupported` for a tensor that can't be read; what writing throws.
  static func writeTensors(_ twin: LoadedTwin, to path: String) throws {
    let tensors = try twin.source.arrayNames.compactMap { name in
      try TorchTensor(name, of: twin.source).map { (name: name, tensor: $0) }
    }
    try SafetensorsWriter.write(
      tensors, metadata: metadata(configuration: twin.architecture.configuration, heads: twin.payload.heads), to: path)
  }

  /// What a safetensors file says beside the tensors.
  static func metadata(configuration: ConfigNode, heads: [TwinPayload.Head]) throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return [
      "format": "pt", "model_config_dict": try configuration.jsonText(),
      headsKey: String(decoding: try encoder.encode(heads), as: UTF8.self),
    ]
  }

  /// The heads that an exported file names; empty for any other file.
  static func heads(of checkpoint: Checkpoint) -> [TwinPayload.Head] {
    guard let text = checkpoint.hyperParameters[headsKey]?.stringValue else { return [] }
    return (try? JSONDecoder().decode([TwinPayload.Head].self, from: Data(text.utf8))) ?? []
  }
}
