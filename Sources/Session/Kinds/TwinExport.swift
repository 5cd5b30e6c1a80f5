import Base
import Formats
import Foundation
import Workspace

/// A twin as a file: a Lightning checkpoint, or a safetensors file that has its tensors by the names of the checkpoint,
/// configuration and heads in the metadata.
enum TwinExport {
  /// Where the metadata holds the heads: JSON of sessions, cids and overrides.
  private static let headsKey = "vcsh_heads"

  /// - Throws: `unsupported` for another ending, and for a tensor that can't be read.
  ///
  /// - Returns: what a user should know about what was left out.
  static func write(
    _ twin: LoadedTwin, to path: String, at span: SourceSpan?, in workspace: Workspace
  ) throws -> [String] {
    if path.lowercased().hasSuffix(".ckpt") {
      do {
        return try CheckpointExport(twin, to: path, in: workspace).write()
      } catch let failure as Failure where failure.kind == .conflict {
        throw failure.located(at: span)
      }
    }
    guard path.lowercased().hasSuffix(".safetensors") else {
      throw Failure(
        .unsupported, "`\(twin.name)` is a twin, which is written as .ckpt or .safetensors",
        hint: "export \(twin.name) \(twin.name).ckpt", span: span)
    }
    let tensors = try twin.source.arrayNames.compactMap { name in
      try TorchTensor(name, of: twin.source).map { (name: name, tensor: $0) }
    }
    try SafetensorsWriter.write(
      tensors, metadata: metadata(configuration: twin.architecture.configuration, heads: twin.payload.heads), to: path)
    return []
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
