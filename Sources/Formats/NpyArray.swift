import Base
import Foundation

/// One `.npy` file.
public struct NpyArray: Sendable {
  public let path: String
  package let header: NpyHeader
  private let bytes: Bytes

  public init(path: String) throws { try self.init(RegularFile(path: path)) }

  init(_ file: RegularFile) throws {
    path = file.path
    header = try NpyHeader(origin: file.path) { try Bytes(file).prefix($0) }
    guard !header.holdsObjects else {
      throw Failure(
        .format, "\(file.path): the element type at byte 10 holds Python objects; vcsh reads arrays of real numbers",
        hint: "save numbers: `numpy.save(FILE, array.astype(float))`")
    }
    let needed = try header.byteCount(file.path)
    guard needed <= file.size - header.dataOffset else {
      throw Failure(
        .format,
        "\(file.path): shape \(header.shape) needs \(needed) bytes from byte \(header.dataOffset) on, but the file has \(file.size - header.dataOffset)"
      )
    }
    bytes = Bytes(file)[header.dataOffset..<header.dataOffset + needed]
  }

  public var shape: [Int] { header.shape }
  /// Nil for text, records, dates and complex numbers, which vcsh does not read.
  public var info: ArrayInfo? { header.scalar.map { ArrayInfo(shape: header.shape, scalar: $0) } }
  public var isNumeric: Bool { header.scalar != nil }

  /// - Throws: `unsupported` where the elements are not real numbers.
  public func stored() throws -> StoredArray { try header.stored(bytes, place: path) }
}

extension NpyHeader {
  func stored(_ bytes: Bytes, place: String) throws -> StoredArray {
    guard let scalar else { throw refusal(place) }
    guard let strides = StoredArray.strides(shape, isFortran: isFortran) else {
      throw Failure(.format, "\(place): shape \(shape) is too large for any file")
    }
    return StoredArray(
      bytes: bytes, scalar: scalar, isBigEndian: isBigEndian, shape: shape, strides: strides, offset: 0, place: place)
  }

  /// The failure for elements that are not real numbers.
  func refusal(_ place: String) -> Failure {
    let isWide = typeName.drop { "<>|=".contains($0) }.hasPrefix("f")
    let what =
      holdsObjects
      ? "Python objects" : textWidth != nil ? "text" : isWide ? "longdouble" : "records, dates or complex numbers"
    return Failure(
      .unsupported, "\(place) holds \(what); vcsh reads arrays of real numbers\(isWide ? " of up to 64 bits" : "")",
      hint: holdsObjects || isWide ? "in Python: `array.astype(float)` before numpy.savez" : nil)
  }

  /// The elements of an array of text, row-major; nil for any other.
  ///
  /// - Throws: `format` for damaged bytes.
  func texts(_ bytes: Bytes) throws -> [String]? {
    guard textWidth != nil, itemSize > 0, shape.count < 2 || !isFortran else { return nil }
    let data = Array(try bytes.data())
    return stride(from: 0, to: data.count - data.count % itemSize, by: itemSize).map {
      FixedText.decode(data[$0..<$0 + itemSize], isWide: textWidth == 4, isBigEndian: isBigEndian)
    }
  }
}
