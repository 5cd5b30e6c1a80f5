import Base
import Formats
import Foundation
import Twin
import Workspace

/// A twin as a safetensors file: its tensors by the names of the checkpoint, configuration and heads in the metadata.
enum TwinExport {
  /// Where the metadata holds the heads: JSON of sessions, cids and overrides.
  private static let headsKey = "vcsh_heads"

  /// - Throws: `unsupported` for another ending, and for a tensor that can't be read.
  static func write(_ twin: LoadedTwin, to path: String, at span: SourceSpan?) throws {
    guard path.lowercased().hasSuffix(".safetensors") else {
      throw Failure(
        .unsupported, "`\(twin.name)` is a twin, which is written as .safetensors",
        hint: "export \(twin.name) \(twin.name).safetensors", span: span)
    }
    let arrays = try twin.source.arrayNames.compactMap { name in
      try twin.source.info(name).map { try array(name, $0.scalar, of: twin.source) }
    }
    try SafetensorsWriter.write(
      arrays, metadata: metadata(configuration: twin.architecture.configuration, heads: twin.payload.heads), to: path)
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

  /// Numbers keep their values; half precision is written as float32, which holds each of its values.
  private static func array(_ name: String, _ scalar: ScalarType, of source: any ArraySource) throws -> NamedArray {
    let shape = source.info(name)?.shape ?? []
    switch scalar {
    case .float64: return NamedArray(name, shape: shape, values: .float64(try source.doubles(name)))
    case .bool: return NamedArray(name, shape: shape, values: .bool(try source.integers(name).map { $0 != 0 }))
    case let scalar where !scalar.isFloatingPoint:
      return NamedArray(name, shape: shape, values: .int64(try source.integers(name)))
    default: return NamedArray(name, try source.tensor(name))
    }
  }

  /// The heads that an exported file names; empty for any other file.
  static func heads(of checkpoint: Checkpoint) -> [TwinPayload.Head] {
    guard let text = checkpoint.hyperParameters[headsKey]?.stringValue else { return [] }
    return (try? JSONDecoder().decode([TwinPayload.Head].self, from: Data(text.utf8))) ?? []
  }
}
