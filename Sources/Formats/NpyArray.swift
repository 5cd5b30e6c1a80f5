import Base
import Foundation

/// One `.npy` file.
public struct NpyArray: Sendable {
  public let path: String
  private let header: NpyHeader
  private let data: Data

  public init(path: String) throws { try self.init(MappedFile(path: path)) }

  init(_ file: MappedFile) throws {
    path = file.path
    header = try NpyHeader(file.data, origin: file.path)
    let needed = try header.byteCount(file.path)
    guard needed <= file.data.count - header.dataOffset else {
      throw Failure(
        .format,
        "\(file.path): shape \(header.shape) needs \(needed) bytes, the file has \(file.data.count - header.dataOffset)"
      )
    }
    data = file.data[header.dataOffset..<header.dataOffset + needed]
  }

  public var shape: [Int] { header.shape }
  /// Nil for text, records, dates and complex numbers, which are not read.
  public var info: ArrayInfo? { header.scalar.map { ArrayInfo(shape: header.shape, scalar: $0) } }
  public var isNumeric: Bool { header.scalar != nil }

  /// - Throws: `unsupported` where the elements are no plain numbers.
  public func stored() throws -> StoredArray { try header.stored(data, place: path) }
}

extension NpyHeader {
  func stored(_ data: Data, place: String) throws -> StoredArray {
    guard let scalar else {
      throw Failure(.unsupported, "\(place): text, records, dates and complex numbers are not read")
    }
    guard let strides = StoredArray.strides(shape, isFortran: isFortran) else {
      throw Failure(.format, "\(place): shape \(shape) is too large for any file")
    }
    return StoredArray(
      bytes: data, scalar: scalar, isBigEndian: isBigEndian, shape: shape, strides: strides, offset: 0, place: place)
  }
}
