import Foundation

/// Turns stored elements into float32, float64 or integers, in one pass over the bytes.
struct ScalarDecoder {
  let scalar: ScalarType
  let isBigEndian: Bool

  func floats(_ bytes: some ContiguousBytes) -> [Float] { bytes.withUnsafeBytes { floats(of: $0) } }
  func doubles(_ bytes: some ContiguousBytes) -> [Double] { bytes.withUnsafeBytes { doubles(of: $0) } }

  /// Nil where a value is no integer, or one that `Int` can't hold.
  func integers(_ bytes: some ContiguousBytes) -> [Int]? { bytes.withUnsafeBytes { integers(of: $0) } }

  private func floats(of bytes: UnsafeRawBufferPointer) -> [Float] {
    switch scalar {
    case .bool: convert(bytes, UInt8.self) { $0 == 0 ? 0 : 1 }
    case .uint8: convert(bytes, UInt8.self) { Float($0) }
    case .int8: convert(bytes, Int8.self) { Float($0) }
    case .int16: ordered(bytes, Int16.self) { Float($0) }
    case .int32: ordered(bytes, Int32.self) { Float($0) }
    case .int64: ordered(bytes, Int64.self) { Float($0) }
    case .uint16: ordered(bytes, UInt16.self) { Float($0) }
    case .uint32: ordered(bytes, UInt32.self) { Float($0) }
    case .uint64: ordered(bytes, UInt64.self) { Float($0) }
    case .float16: ordered(bytes, UInt16.self) { ScalarDecoder.half($0) }
    case .bfloat16: ordered(bytes, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .float32: isBigEndian ? ordered(bytes, UInt32.self) { Float(bitPattern: $0) } : copy(bytes)
    case .float64: ordered(bytes, UInt64.self) { Float(Double(bitPattern: $0)) }
    }
  }

  private func doubles(of bytes: UnsafeRawBufferPointer) -> [Double] {
    switch scalar {
    case .float64: isBigEndian ? ordered(bytes, UInt64.self) { Double(bitPattern: $0) } : copy(bytes)
    case .int32: ordered(bytes, Int32.self) { Double($0) }
    case .int64: ordered(bytes, Int64.self) { Double($0) }
    case .uint32: ordered(bytes, UInt32.self) { Double($0) }
    case .uint64: ordered(bytes, UInt64.self) { Double($0) }
    default: floats(of: bytes).map(Double.init)
    }
  }

  private func integers(of bytes: UnsafeRawBufferPointer) -> [Int]? {
    switch scalar {
    case .bool: return convert(bytes, UInt8.self) { $0 == 0 ? 0 : 1 }
    case .uint8: return convert(bytes, UInt8.self) { Int($0) }
    case .int8: return convert(bytes, Int8.self) { Int($0) }
    case .int16: return ordered(bytes, Int16.self) { Int($0) }
    case .int32: return ordered(bytes, Int32.self) { Int($0) }
    case .int64: return ordered(bytes, Int64.self) { Int($0) }
    case .uint16: return ordered(bytes, UInt16.self) { Int($0) }
    case .uint32: return ordered(bytes, UInt32.self) { Int($0) }
    case .uint64:
      let values = ordered(bytes, UInt64.self) { $0 }
      return values.allSatisfy { $0 <= UInt64(Int.max) } ? values.map { Int($0) } : nil
    case .float16, .bfloat16, .float32, .float64:
      var integers: [Int] = []
      let values = doubles(of: bytes)
      integers.reserveCapacity(values.count)
      for value in values {
        guard let integer = Int(exactly: value) else { return nil }
        integers.append(integer)
      }
      return integers
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
  private func ordered<T: FixedWidthInteger & BitwiseCopyable, U>(
    _ bytes: UnsafeRawBufferPointer, _ type: T.Type, _ value: (T) -> U
  ) -> [U] {
    isBigEndian ? convert(bytes, type) { value($0.byteSwapped) } : convert(bytes, type, value)
  }

  /// Plain pointers and wrapping offsets (all below `bytes.count`) let the loop become vector instructions.
  @inline(__always)
  private func convert<T: BitwiseCopyable, U>(
    _ bytes: UnsafeRawBufferPointer, _ type: T.Type, _ value: (T) -> U
  ) -> [U] {
    let width = MemoryLayout<T>.size
    let count = bytes.count / width
    return [U](unsafeUninitializedCapacity: count) { target, initialized in
      guard let to = target.baseAddress, let from = bytes.baseAddress else { return }
      for index in 0..<count {
        (to + index).initialize(to: value(from.loadUnaligned(fromByteOffset: index &* width, as: type)))
      }
      initialized = count
    }
  }

  /// The bytes as they are.
  private func copy<T: BitwiseCopyable>(_ bytes: UnsafeRawBufferPointer) -> [T] {
    let width = MemoryLayout<T>.size
    let count = bytes.count / width
    return [T](unsafeUninitializedCapacity: count) { target, initialized in
      UnsafeMutableRawBufferPointer(target).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * width)]))
      initialized = count
    }
  }
}
