import Base
import Foundation

/// An array to be written, with its name.
public struct NamedArray: Sendable, Equatable {
  public enum Values: Sendable, Equatable {
    case float32([Float])
    case float64([Double])
    case int64([Int])

    var count: Int {
      switch self {
      case .float32(let values): values.count
      case .float64(let values): values.count
      case .int64(let values): values.count
      }
    }
  }

  public var name: String
  public var shape: [Int]
  public var values: Values

  /// - Precondition: as many values as `shape` holds.
  public init(_ name: String, shape: [Int], values: Values) {
    precondition(values.count == shape.reduce(1, *), "array \(name) of shape \(shape) with \(values.count) values")
    self.name = name
    self.shape = shape
    self.values = values
  }

  public init(_ name: String, _ tensor: Tensor) {
    self.init(name, shape: tensor.shape, values: .float32(tensor.values))
  }
}

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

/// Writes a file so that its name shows the old content or the new one, never a part.
enum AtomicFile {
  static func write(_ data: Data, to path: String) throws {
    do {
      // Foundation writes beside the target and renames.
      try data.write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw Failure(.system, "\(path): can't be written", hint: "check that the folder exists, is yours and has room")
    }
  }
}
