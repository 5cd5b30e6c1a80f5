import Base
import Foundation

/// Writes `.safetensors` files. The same arrays and metadata always give the same bytes.
///
/// Source: the safetensors format description (8 bytes of length, JSON header, data without holes).
public enum SafetensorsWriter {
  /// Longest header that readers accept.
  private static let headerLimit = 100_000_000

  /// - Parameter metadata: text by key, for `__metadata__`.
  /// - Throws: `conflict` where two arrays have one name, `unsupported` for a header that is too long, `system` where the disk
  ///   refuses.
  public static func write(_ arrays: [NamedArray], metadata: [String: String] = [:], to path: String) throws {
    try AtomicFile.write(encoded(arrays, metadata: metadata), to: path)
  }

  /// As `write(_:metadata:to:)`, each tensor in its own element type.
  public static func write(
    _ tensors: [(name: String, tensor: TorchTensor)], metadata: [String: String] = [:], to path: String
  ) throws {
    let parts = try tensors.map { name, tensor in
      guard let type = types[tensor.scalar] else {
        throw Failure(.unsupported, "`\(name)`: \(tensor.scalar.rawValue) can't be written to a .safetensors")
      }
      return Part(name: name, type: type, shape: tensor.shape, bytes: tensor.bytes)
    }
    try AtomicFile.write(encoded(parts, metadata: metadata), to: path)
  }

  private static let types: [ScalarType: String] = [
    .float32: "F32", .float64: "F64", .float16: "F16", .bfloat16: "BF16", .int64: "I64", .int32: "I32", .int16: "I16",
    .int8: "I8", .uint8: "U8", .bool: "BOOL",
  ]

  private struct Part {
    var name: String
    var type: String
    var shape: [Int]
    var bytes: Data
  }

  static func encoded(_ arrays: [NamedArray], metadata: [String: String]) throws -> Data {
    try encoded(
      arrays.map { array in
        var bytes = Data()
        let type = try append(array.values, to: &bytes)
        return Part(name: array.name, type: type, shape: array.shape, bytes: bytes)
      }, metadata: metadata)
  }

  private static func encoded(_ parts: [Part], metadata: [String: String]) throws -> Data {
    guard Set(parts.map(\.name)).count == parts.count, !parts.contains(where: { $0.name == "__metadata__" }) else {
      throw Failure(.conflict, "a .safetensors can't hold two arrays of one name")
    }
    var entries: [String: Any] = metadata.isEmpty ? [:] : ["__metadata__": metadata]
    var data = Data()
    for part in parts {
      let start = data.count
      data.append(part.bytes)
      entries[part.name] =
        ["dtype": part.type, "shape": part.shape, "data_offsets": [start, data.count]] as [String: Any]
    }
    var header = try JSONSerialization.data(withJSONObject: entries, options: [.sortedKeys, .withoutEscapingSlashes])
    // Data begins at a multiple of 8.
    header.append(Data(repeating: 0x20, count: (8 - header.count % 8) % 8))
    guard header.count <= headerLimit else { throw Failure(.unsupported, "the header would be too long for a reader") }
    var file = Data()
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { file.append(contentsOf: $0) }
    return file + header + data
  }

  /// - Returns: the name of the element type.
  private static func append(_ values: NamedArray.Values, to data: inout Data) throws -> String {
    switch values {
    case .float32(let values):
      append(values.map { $0.bitPattern.littleEndian }, to: &data)
      return "F32"
    case .float64(let values):
      append(values.map { $0.bitPattern.littleEndian }, to: &data)
      return "F64"
    case .bool(let values):
      append(values.map { UInt8($0 ? 1 : 0) }, to: &data)
      return "BOOL"
    case .int64(let values):
      append(values.map { UInt64(bitPattern: Int64($0)).littleEndian }, to: &data)
      return "I64"
    case .text: throw Failure(.unsupported, "text can't be written to a .safetensors")
    }
  }

  private static func append<Word>(_ words: [Word], to data: inout Data) {
    words.withUnsafeBytes { data.append(contentsOf: $0) }
  }
}
