import Foundation

/// Turns stored elements into float32, float64 or integers, in one pass over the bytes.
///
/// Shapes: the target has room for as many elements as the bytes hold.
struct ScalarDecoder {
  let scalar: ScalarType
  let isBigEndian: Bool

  func floats(_ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>) {
    switch scalar {
    case .bool: convert(bytes, UInt8.self, target) { $0 == 0 ? 0 : 1 }
    case .uint8: convert(bytes, UInt8.self, target) { Float($0) }
    case .int8: convert(bytes, Int8.self, target) { Float($0) }
    case .int16: ordered(bytes, Int16.self, target) { Float($0) }
    case .int32: ordered(bytes, Int32.self, target) { Float($0) }
    case .int64: ordered(bytes, Int64.self, target) { Float($0) }
    case .uint16: ordered(bytes, UInt16.self, target) { Float($0) }
    case .uint32: ordered(bytes, UInt32.self, target) { Float($0) }
    case .uint64: ordered(bytes, UInt64.self, target) { Float($0) }
    case .float16: ordered(bytes, UInt16.self, target) { ScalarDecoder.half($0) }
    case .bfloat16: ordered(bytes, UInt16.self, target) { Float(bitPattern: UInt32($0) << 16) }
    case .float32: ordered(bytes, UInt32.self, target) { Float(bitPattern: $0) }
    case .float64: ordered(bytes, UInt64.self, target) { Float(Double(bitPattern: $0)) }
    case .float8e4m3fn, .float8e5m2, .float8e4m3fnuz, .float8e5m2fnuz, .float8e8m0fnu:
      let table = EightBitFloat.values(of: scalar)
      convert(bytes, UInt8.self, target) { table[Int($0)] }
    }
  }

  func doubles(_ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Double>) {
    switch scalar {
    case .float64: ordered(bytes, UInt64.self, target) { Double(bitPattern: $0) }
    case .int32: ordered(bytes, Int32.self, target) { Double($0) }
    case .int64: ordered(bytes, Int64.self, target) { Double($0) }
    case .uint32: ordered(bytes, UInt32.self, target) { Double($0) }
    case .uint64: ordered(bytes, UInt64.self, target) { Double($0) }
    default:
      // Single precision holds all values of the smaller types.
      let values = decoded(bytes) { floats($0, into: $1) }
      for (index, value) in values.enumerated() { target[index] = Double(value) }
    }
  }

  /// False where a value is not an integer, or does not fit in `Int`.
  func integers(_ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Int>) -> Bool {
    switch scalar {
    case .bool: convert(bytes, UInt8.self, target) { $0 == 0 ? 0 : 1 }
    case .uint8: convert(bytes, UInt8.self, target) { Int($0) }
    case .int8: convert(bytes, Int8.self, target) { Int($0) }
    case .int16: ordered(bytes, Int16.self, target) { Int($0) }
    case .int32: ordered(bytes, Int32.self, target) { Int($0) }
    case .int64: ordered(bytes, Int64.self, target) { Int($0) }
    case .uint16: ordered(bytes, UInt16.self, target) { Int($0) }
    case .uint32: ordered(bytes, UInt32.self, target) { Int($0) }
    case .uint64:
      ordered(bytes, UInt64.self, target) { Int(truncatingIfNeeded: $0) }
      return target.allSatisfy { $0 >= 0 }
    case .float16, .bfloat16, .float32, .float64, .float8e4m3fn, .float8e5m2, .float8e4m3fnuz, .float8e5m2fnuz,
      .float8e8m0fnu:
      let values = decoded(bytes) { doubles($0, into: $1) }
      for (index, value) in values.enumerated() {
        guard let integer = Int(exactly: value) else { return false }
        target[index] = integer
      }
    }
    return true
  }

  func doubles(_ bytes: [UInt8]) -> [Double] {
    bytes.withUnsafeBytes { decoded($0) { doubles($0, into: $1) } }
  }

  /// Nil where a value is not an integer, or does not fit in `Int`.
  func integers(_ bytes: [UInt8]) -> [Int]? {
    var areIntegers = true
    let values = bytes.withUnsafeBytes { decoded($0) { areIntegers = integers($0, into: $1) } }
    return areIntegers ? values : nil
  }

  /// The elements as a new array.
  private func decoded<T>(
    _ bytes: UnsafeRawBufferPointer, _ decode: (UnsafeRawBufferPointer, UnsafeMutableBufferPointer<T>) -> Void
  ) -> [T] {
    [T](unsafeUninitializedCapacity: bytes.count / scalar.byteCount) { target, initialized in
      decode(bytes, target)
      initialized = target.count
    }
  }

  /// IEEE half to single precision; exact.
  static func half(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let rest = UInt32(bits & 0x7fff)
    if rest >= 0x7c00 { return Float(bitPattern: sign | 0x7f80_0000 | (rest & 0x3ff) << 13) }
    // The exponents' biases differ by 112: one product shifts normal and subnormal numbers alike.
    return Float(bitPattern: sign | (Float(bitPattern: rest << 13) * 0x1p112).bitPattern)
  }

  @inline(__always)
  private func ordered<T: FixedWidthInteger & BitwiseCopyable, U: BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ type: T.Type, _ target: UnsafeMutableBufferPointer<U>, _ value: (T) -> U
  ) {
    if isBigEndian {
      convert(bytes, type, target) { value($0.byteSwapped) }
    } else {
      convert(bytes, type, target, value)
    }
  }

  /// Plain pointers and wrapping offsets (all below `bytes.count`) let the loop become vector instructions.
  @inline(__always)
  private func convert<T: BitwiseCopyable, U: BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ type: T.Type, _ target: UnsafeMutableBufferPointer<U>, _ value: (T) -> U
  ) {
    let width = MemoryLayout<T>.size
    let count = bytes.count / width
    precondition(target.count >= count)
    guard let to = target.baseAddress, let from = bytes.baseAddress else { return }
    for index in 0..<count {
      (to + index).initialize(to: value(from.loadUnaligned(fromByteOffset: index &* width, as: type)))
    }
  }
}
