import Base
import Foundation

/// Core features on disk: an npy array `[row, channel, height, width]` in half or single precision, read by rows.
///
/// The file is vcsh's own cache, but numpy reads it too.
public struct FeatureFile: Sendable {
  public enum Precision: String, Sendable {
    case float16 = "<f2"
    case float32 = "<f4"

    var byteCount: Int { self == .float16 ? 2 : 4 }
  }

  /// The largest error allowed in half precision: relative for values above one, absolute below.
  public static let tolerance: Float = 1e-3

  public let shape: [Int]
  public let precision: Precision
  private let array: StoredArray

  /// The header's length in bytes. It is fixed, because rows are written before the header with their shape.
  static let headerBytes = 256

  public init(path: String) throws {
    let file: RegularFile
    let header: String
    do {
      file = try RegularFile(path: path)
      header = String(decoding: try Bytes(file).prefix(Self.headerBytes), as: UTF8.self)
    } catch let failure as Failure where failure.kind == .interrupted {
      throw failure
    } catch {
      throw Failure(
        .missing, "can't read the cached features at \(path)",
        hint: "remove them with `clean --caches`; they are computed again when needed")
    }
    guard file.size >= Self.headerBytes, let open = header.firstIndex(of: "("), let close = header.firstIndex(of: ")"),
      open < close, let precision = [Precision.float16, .float32].first(where: { header.contains($0.rawValue) })
    else { throw Self.damaged(path) }
    let shape = header[header.index(after: open)..<close].split(separator: ",").compactMap {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    var bytes = precision.byteCount
    for size in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
      guard !overflow, size >= 0 else { throw Self.damaged(path) }
      bytes = product
    }
    guard shape.count == 4, bytes == file.size - Self.headerBytes,
      let strides = StoredArray.strides(shape, isFortran: false)
    else { throw Self.damaged(path) }
    self.shape = shape
    self.precision = precision
    array = StoredArray(
      bytes: Bytes(file)[Self.headerBytes...], scalar: precision == .float16 ? .float16 : .float32, isBigEndian: false,
      shape: shape, strides: strides, offset: 0, place: path)
  }

  /// Rows as float32, row-major.
  public func rows(_ range: Range<Int>) throws -> [Float] {
    guard range.lowerBound >= 0, range.upperBound <= shape[0] else {
      throw Failure(.mismatch, "the cached features have \(shape[0]) rows; rows \(range) were asked for")
    }
    return try array.rows(range).floats()
  }

  private static func damaged(_ path: String) -> Failure {
    Failure(
      .format, "the cached features at \(path) are damaged",
      hint: "remove them with `clean --caches`; they are computed again when needed")
  }
}

/// Writes a `FeatureFile` block by block.
public final class FeatureFileWriter {
  private let handle: FileHandle
  private let precision: FeatureFile.Precision
  private let rows: Int
  private var featureShape: [Int] = []

  /// - Parameter rows: how many rows will be appended.
  public init(path: String, precision: FeatureFile.Precision, rows: Int) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path)
    else {
      throw Failure(.system, "can't write \(path)")
    }
    self.handle = handle
    self.precision = precision
    self.rows = rows
    try handle.write(contentsOf: Data(count: FeatureFile.headerBytes))
  }

  /// Appends `[row, channel, height, width]`.
  /// - Returns: false where half precision is off by more than the tolerance.
  public func append(_ features: Tensor) throws -> Bool {
    featureShape = Array(features.shape.dropFirst())
    switch precision {
    case .float32:
      try handle.write(contentsOf: features.values.withUnsafeBytes { Data($0) })
    case .float16:
      let halves = features.values.map { Float16($0) }
      for (half, value) in zip(halves, features.values)
      where !(abs(Float(half) - value) <= FeatureFile.tolerance * max(1, abs(value))) {
        return false
      }
      try handle.write(contentsOf: halves.withUnsafeBytes { Data($0) })
    }
    return true
  }

  /// Writes the header and closes the file.
  public func close() throws {
    let shape = ([rows] + featureShape).map(String.init).joined(separator: ", ")
    var text = "{'descr': '\(precision.rawValue)', 'fortran_order': False, 'shape': (\(shape)), }"
    text += String(repeating: " ", count: FeatureFile.headerBytes - 11 - text.utf8.count) + "\n"
    let length = FeatureFile.headerBytes - 10
    let magic: [UInt8] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, UInt8(length & 255), UInt8(length >> 8)]
    try handle.seek(toOffset: 0)
    try handle.write(contentsOf: Data(magic) + Data(text.utf8))
    try handle.close()
  }
}
