import Base
import Foundation

/// The bytes of a stored array and their layout. Elements are decoded when they are asked for.
///
/// Shapes: `strides` and `offset` count elements of `bytes`.
public struct StoredArray: Sendable {
  let bytes: Bytes
  let scalar: ScalarType
  let isBigEndian: Bool
  public let shape: [Int]
  let strides: [Int]
  let offset: Int
  /// File and array, for messages.
  let place: String
  /// The array holds the negatives of the stored numbers.
  var isNegated = false

  public func tensor() throws -> Tensor { try Tensor(shape: shape, values: floats()) }
  public func doubles() throws -> [Double] {
    let values: [Double] = try gathered(asStored: scalar == .float64 && !isBigEndian) { decoder.doubles($0, into: $1) }
    return isNegated ? values.map(-) : values
  }

  /// - Throws: `mismatch` where a value is not an integer.
  public func integers() throws -> [Int] {
    let values: [Int] = try gathered(asStored: false) { bytes, values in
      guard decoder.integers(bytes, into: values) else {
        throw Failure(.mismatch, "\(place): not all values (\(scalar.rawValue)) are integers")
      }
    }
    return isNegated ? values.map { 0 &- $0 } : values
  }

  /// All elements as float32, row-major.
  func floats() throws -> [Float] {
    let values: [Float] = try gathered(asStored: scalar == .float32 && !isBigEndian) { decoder.floats($0, into: $1) }
    return isNegated ? values.map(-) : values
  }

  /// The part of the array at `rows` of its first axis.
  /// - Throws: `mismatch` where it has no such rows.
  public func rows(_ rows: Range<Int>) throws -> StoredArray {
    guard let length = shape.first, rows.lowerBound >= 0, rows.upperBound <= length else {
      throw Failure(
        .mismatch, "\(place): an array of shape \(shape) has no rows \(rows.lowerBound)..<\(rows.upperBound)")
    }
    return StoredArray(
      bytes: bytes, scalar: scalar, isBigEndian: isBigEndian, shape: [rows.count] + shape.dropFirst(), strides: strides,
      offset: rows.isEmpty ? offset : offset + rows.lowerBound * strides[0], place: place, isNegated: isNegated)
  }

  private var decoder: ScalarDecoder { ScalarDecoder(scalar: scalar, isBigEndian: isBigEndian) }

  /// Decodes the span that the array covers and picks its elements in row-major order.
  ///
  /// - Parameter asStored: whether the elements in memory are the bytes of the file.
  private func gathered<T: BitwiseCopyable>(
    asStored: Bool, _ decode: (UnsafeRawBufferPointer, UnsafeMutableBufferPointer<T>) throws -> Void
  ) throws -> [T] {
    let (count, span) = try extent()
    if count == 0 { return [] }
    try MemoryLimit.check(span * MemoryLayout<T>.stride + (isRowMajor ? 0 : count * MemoryLayout<T>.stride), place)
    let width = scalar.byteCount
    let start = bytes.start + offset * width
    let part = start..<start + span * width
    let values = try [T](unsafeUninitializedCapacity: span) { target, initialized in
      if asStored {
        try bytes.copy(part, to: UnsafeMutableRawBufferPointer(target))
        initialized = span
        return
      }
      try bytes.forEachPiece(of: part) { piece in
        let next = initialized + piece.count / width
        try decode(piece, UnsafeMutableBufferPointer(rebasing: target[initialized..<next]))
        initialized = next
      }
    }
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

  /// The number of elements, and how many elements of the storage lie from the first to the last. Checked before memory
  /// is allocated.
  private func extent() throws -> (count: Int, span: Int) {
    var damaged: Failure {
      Failure(.format, "\(place): shape \(shape) with strides \(strides) does not fit its \(bytes.count) bytes")
    }
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
    // A stride of 0 repeats one element: a file of a few bytes must not use up the memory.
    guard count <= max(available, 1 << 24) else {
      throw Failure(
        .unsupported, "\(place): a view that repeats \(available) stored elements \(count) times is too large")
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

  /// The axes from the one with the largest stride on: the order in which elements lie in the file.
  package var storageOrder: [Int] {
    zip(shape.indices, strides).sorted { $0.1 == $1.1 ? $0.0 < $1.0 : $0.1 > $1.1 }.map(\.0)
  }

  /// Hands all elements to `body` as float64, in the order in which they lie in the file, in pieces of at most `limit`.
  ///
  /// - Parameter body: gets the place of its first element in that order, which is `storageOrder` of the axes.
  /// - Throws: `format` where the shape does not fit the bytes; what `body` throws.
  package func forEachPiece(of limit: Int, _ body: (_ first: Int, _ values: [Double]) throws -> Void) throws {
    guard try extent().count > 0 else { return }
    let order = storageOrder
    let (sizes, steps) = (order.map { shape[$0] }, order.map { strides[$0] })
    // The last axes that fit into a piece together.
    var (fitting, inner) = (sizes.count, 1)
    while fitting > 0, inner * sizes[fitting - 1] <= limit {
      fitting -= 1
      inner *= sizes[fitting]
    }
    func part(_ shape: [Int], _ strides: ArraySlice<Int>, at offset: Int) -> StoredArray {
      StoredArray(
        bytes: bytes, scalar: scalar, isBigEndian: isBigEndian, shape: shape, strides: Array(strides), offset: offset,
        place: place, isNegated: isNegated)
    }
    guard fitting > 0 else { return try body(0, part(sizes, steps[...], at: offset).doubles()) }
    let split = fitting - 1
    let most = max(1, limit / inner)
    var index = [Int](repeating: 0, count: split)
    var (base, first) = (offset, 0)
    while true {
      for row in stride(from: 0, to: sizes[split], by: most) {
        let rows = min(most, sizes[split] - row)
        try body(first, part([rows] + sizes[fitting...], steps[split...], at: base + row * steps[split]).doubles())
        first += rows * inner
      }
      var axis = split - 1
      while axis >= 0 {
        index[axis] += 1
        base += steps[axis]
        if index[axis] < sizes[axis] { break }
        base -= steps[axis] * sizes[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
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

extension StoredArray {
  /// Numbers that a file holds in another form than an array, row-major.
  ///
  /// - Parameter origin: the file's path.
  /// - Throws: `format` for a shape that is too large.
  init(_ values: [Double], shape: [Int], in origin: String, place: String) throws {
    guard let strides = StoredArray.strides(shape, isFortran: false) else {
      throw Failure(.format, "\(place): shape \(shape) is too large for any file")
    }
    self.init(
      bytes: Bytes(values.withUnsafeBytes { Data($0) }, origin: origin), scalar: .float64, isBigEndian: false,
      shape: shape, strides: strides, offset: 0, place: place)
  }
}
