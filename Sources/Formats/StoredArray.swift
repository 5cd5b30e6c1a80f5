import Base
import Foundation

/// The bytes of a stored array and how they are laid out; what every array source hands out to be decoded.
///
/// Shapes: `strides` and `offset` count elements of `bytes`.
public struct StoredArray: Sendable {
  let bytes: Data
  let scalar: ScalarType
  let isBigEndian: Bool
  public let shape: [Int]
  let strides: [Int]
  let offset: Int
  /// File and array, for messages.
  let place: String
  /// The file that `bytes` are a part of, with the file's own indices; nil where they are in memory.
  var file: MappedFile?

  public func tensor() throws -> Tensor { try Tensor(shape: shape, values: gathered { decoder.floats($0) }) }
  public func doubles() throws -> [Double] { try gathered { decoder.doubles($0) } }

  /// - Throws: `mismatch` where a value is no integer.
  public func integers() throws -> [Int] {
    try gathered { data in
      guard let values = decoder.integers(data) else {
        throw Failure(.mismatch, "\(place): \(scalar.rawValue) values that are no integers")
      }
      return values
    }
  }

  /// The part of the array at `rows` of its first axis.
  /// - Throws: `mismatch` where it has no such rows.
  public func rows(_ rows: Range<Int>) throws -> StoredArray {
    guard let length = shape.first, rows.lowerBound >= 0, rows.upperBound <= length else {
      throw Failure(.mismatch, "\(place): rows \(rows.lowerBound)..<\(rows.upperBound) of an array of shape \(shape)")
    }
    return StoredArray(
      bytes: bytes, scalar: scalar, isBigEndian: isBigEndian, shape: [rows.count] + shape.dropFirst(), strides: strides,
      offset: rows.isEmpty ? offset : offset + rows.lowerBound * strides[0], place: place,
      file: file)
  }

  private var decoder: ScalarDecoder { ScalarDecoder(scalar: scalar, isBigEndian: isBigEndian) }

  /// Decodes the span that the array covers and picks its elements in row-major order.
  private func gathered<T>(_ decode: (Data) throws -> [T]) throws -> [T] {
    let (count, span) = try extent()
    if count == 0 { return [] }
    let start = bytes.startIndex + offset * scalar.byteCount
    let part = start..<start + span * scalar.byteCount
    let values = try decode(bytes[part])
    if let file, bytes.count >= MappedFile.largeByteCount { file.release(part) }
    if isRowMajor { return values }
    var out: [T] = []
    out.reserveCapacity(count)
    let inner = shape.last ?? 1
    let innerStride = strides.last ?? 1
    var index = [Int](repeating: 0, count: max(0, shape.count - 1))
    var base = 0
    while out.count < count {
      for step in 0..<inner { out.append(values[base + step * innerStride]) }
      for axis in index.indices.reversed() {
        index[axis] += 1
        base += strides[axis]
        if index[axis] < shape[axis] { break }
        base -= shape[axis] * strides[axis]
        index[axis] = 0
      }
    }
    return out
  }

  /// Number of elements, and how many of the storage they span. Nothing is allocated before this has passed.
  private func extent() throws -> (count: Int, span: Int) {
    let damaged = Failure(
      .format, "\(place): shape \(shape) with strides \(strides) does not fit its \(bytes.count) bytes")
    guard shape.count == strides.count, offset >= 0 else { throw damaged }
    var count = 1
    var last = 0
    for (size, stride) in zip(shape, strides) {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      let (reach, reachOverflow) = max(0, size - 1).multipliedReportingOverflow(by: stride)
      let (sum, sumOverflow) = last.addingReportingOverflow(reach)
      guard size >= 0, stride >= 0, !overflow, !reachOverflow, !sumOverflow else { throw damaged }
      (count, last) = (product, sum)
    }
    if count == 0 { return (0, 0) }
    let available = bytes.count / scalar.byteCount
    guard offset < available, last < available - offset else { throw damaged }
    // Strides of 0 show one element many times: a file of a few bytes must not ask for all memory.
    guard count <= max(available, 1 << 24) else {
      throw Failure(.unsupported, "\(place): an expanded view of \(count) elements on \(available) stored ones")
    }
    return (count, last + 1)
  }

  private var isRowMajor: Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      guard stride == expected else { return false }
      expected *= size
    }
    return true
  }

  /// Strides of a dense array; nil where the product of the sizes is too large for any file.
  static func strides(_ shape: [Int], isFortran: Bool) -> [Int]? {
    var strides = [Int](repeating: 0, count: shape.count)
    var step = 1
    for axis in isFortran ? Array(shape.indices) : shape.indices.reversed() {
      strides[axis] = step
      let (product, overflow) = step.multipliedReportingOverflow(by: max(1, shape[axis]))
      guard shape[axis] >= 0, !overflow else { return nil }
      step = product
    }
    return strides
  }
}
