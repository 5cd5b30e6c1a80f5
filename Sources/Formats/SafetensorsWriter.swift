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

  static func encoded(_ arrays: [NamedArray], metadata: [String: String]) throws -> Data {
    guard Set(arrays.map(\.name)).count == arrays.count, !arrays.contains(where: { $0.name == "__metadata__" }) else {
      throw Failure(.conflict, "a .safetensors can't hold two arrays of one name")
    }
    var entries: [String: Any] = metadata.isEmpty ? [:] : ["__metadata__": metadata]
    var data = Data()
    for array in arrays {
      let start = data.count
      let type = try append(array.values, to: &data)
      entries[array.name] =
        ["dtype": type, "shape": array.shape, "data_offsets": [start, data.count]] as [String: Any]
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
