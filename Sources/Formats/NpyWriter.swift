import Base
import Foundation

/// Writes `.npy` files as numpy does: version 1, little-endian, C order, data aligned to 64 bytes.
public enum NpyWriter {
  public static func write(_ array: NamedArray, to path: String) throws {
    try AtomicFile.write(encoded(array), to: path)
  }

  static func encoded(_ array: NamedArray) -> Data {
    let code: String
    let body: Data
    switch array.values {
    case .float32(let values): (code, body) = ("<f4", raw(values.map(\.bitPattern.littleEndian)))
    case .float64(let values): (code, body) = ("<f8", raw(values.map(\.bitPattern.littleEndian)))
    case .int64(let values): (code, body) = ("<i8", raw(values.map { Int64($0).littleEndian }))
    case .bool(let values): (code, body) = ("|b1", raw(values.map { UInt8($0 ? 1 : 0) }))
    case .text(let values):
      // At least one character: numpy has no text of none.
      let width = max(1, values.map(\.unicodeScalars.count).max() ?? 1)
      code = "<U\(width)"
      body = raw(
        values.flatMap { text in
          let scalars = text.unicodeScalars.map(\.value.littleEndian)
          return scalars + [UInt32](repeating: 0, count: width - scalars.count)
        })
    }
    let sizes = array.shape.map(String.init).joined(separator: ", ") + (array.shape.count == 1 ? "," : "")
    var header = "{'descr': '\(code)', 'fortran_order': False, 'shape': (\(sizes)), }"
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    let length = header.utf8.count
    var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)])
    data.append(Data(header.utf8))
    data.append(body)
    return data
  }

  private static func raw<T: BitwiseCopyable>(_ values: [T]) -> Data { values.withUnsafeBytes { Data($0) } }
}
