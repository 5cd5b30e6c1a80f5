import Foundation

/// Eight-bit floating-point numbers as single precision; every value is exact.
///
/// Source: Open Compute Project, 8-bit floating point specification (E4M3, E5M2) and microscaling formats (E8M0); the
/// `uz` forms are those of PyTorch's `float8_e4m3fnuz` and `float8_e5m2fnuz`.
enum EightBitFloat {
  /// The values of all 256 codes.
  static func values(of scalar: ScalarType) -> [Float] {
    switch scalar {
    case .float8e4m3fn: table(mantissa: 3, bias: 7) { $0 & 0x7f == 0x7f ? .nan : nil }
    case .float8e5m2:
      table(mantissa: 2, bias: 15) { code in
        guard code & 0x7c == 0x7c else { return nil }
        return code & 3 != 0 ? .nan : code < 0x80 ? .infinity : -.infinity
      }
    case .float8e4m3fnuz: table(mantissa: 3, bias: 8) { $0 == 0x80 ? .nan : nil }
    case .float8e5m2fnuz: table(mantissa: 2, bias: 16) { $0 == 0x80 ? .nan : nil }
    case .float8e8m0fnu: (0..<256).map { $0 == 255 ? .nan : Float(sign: .plus, exponent: $0 - 127, significand: 1) }
    default: [Float](repeating: .nan, count: 256)
    }
  }

  /// - Parameter special: the value of a code that stands for no ordinary number; nil for all others.
  private static func table(mantissa bits: Int, bias: Int, special: (Int) -> Float?) -> [Float] {
    (0..<256).map { code in
      if let value = special(code) { return value }
      let exponent = (code & 0x7f) >> bits
      let fraction = Float(code & (1 << bits - 1)) / Float(1 << bits)
      let magnitude =
        exponent == 0
        ? Float(sign: .plus, exponent: 1 - bias, significand: 1) * fraction
        : Float(sign: .plus, exponent: exponent - bias, significand: 1) * (1 + fraction)
      return code < 0x80 ? magnitude : -magnitude
    }
  }
}
