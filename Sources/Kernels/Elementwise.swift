import CKernels
import Foundation

/// A function of one number, applied to arrays by vectorised loops.
public enum ElementFunction: Sendable, Equatable {
  case identity
  case exp
  /// ln(1 + e^(beta x)) / beta, the identity where beta x > 20.
  case softplus(beta: Float = 1)
  case sigmoid
  case tanh
  case relu
  case leakyRelu(slope: Float)
  case silu
  case mish
  /// scale (x, or alpha (e^x - 1) below 0).
  case elu(alpha: Float = 1, scale: Float = 1)
  /// x Phi(x) with the exact error function.
  case gelu
  case geluTanh

  /// f of every value in `range` (all of them if nil), in place.
  public func apply(to values: inout [Float], in range: Range<Int>? = nil) {
    let range = range ?? 0..<values.count
    precondition(range.lowerBound >= 0 && range.upperBound <= values.count, "range \(range) in \(values.count) values")
    guard !range.isEmpty else { return }
    values.withUnsafeMutableBufferPointer { buffer in
      guard let x = buffer.baseAddress.map({ $0 + range.lowerBound }) else { return }
      let n = range.count
      switch self {
      case .identity: break
      case .exp: ck_exp(x, x, n)
      case .softplus(let beta): ck_softplus(x, x, n, beta)
      case .sigmoid: ck_sigmoid(x, x, n)
      case .tanh: ck_tanh(x, x, n)
      case .relu: ck_relu(x, x, n)
      case .leakyRelu(let slope): ck_leaky_relu(x, x, n, slope)
      case .silu: ck_silu(x, x, n)
      case .mish: ck_mish(x, x, n)
      case .elu(let alpha, let scale): ck_elu(x, x, n, alpha, scale)
      case .gelu: ck_gelu(x, x, n)
      case .geluTanh: ck_gelu_tanh(x, x, n)
      }
    }
  }

  public func callAsFunction(_ values: [Float]) -> [Float] {
    var copy = values
    apply(to: &copy)
    return copy
  }
}

/// Arithmetic on parts of arrays.
public enum Elementwise {
  /// x = scale x + shift in `range`.
  public static func scaleShift(_ values: inout [Float], in range: Range<Int>, scale: Float, shift: Float) {
    check(range, values.count)
    values.withUnsafeMutableBufferPointer { buffer in
      guard let x = buffer.baseAddress else { return }
      ck_scale_shift(x + range.lowerBound, x + range.lowerBound, range.count, scale, shift)
    }
  }

  /// x += y, `count` values from the offsets.
  public static func add(_ y: [Float], from start: Int = 0, to x: inout [Float], at offset: Int = 0, count: Int) {
    check(start..<start + count, y.count)
    check(offset..<offset + count, x.count)
    y.withUnsafeBufferPointer { y in
      x.withUnsafeMutableBufferPointer { x in
        guard let y = y.baseAddress, let x = x.baseAddress else { return }
        ck_add(y + start, x + offset, count)
      }
    }
  }

  /// x *= y, `count` values from the offsets.
  public static func multiply(_ y: [Float], from start: Int = 0, to x: inout [Float], at offset: Int = 0, count: Int) {
    check(start..<start + count, y.count)
    check(offset..<offset + count, x.count)
    y.withUnsafeBufferPointer { y in
      x.withUnsafeMutableBufferPointer { x in
        guard let y = y.baseAddress, let x = x.baseAddress else { return }
        ck_multiply(y + start, x + offset, count)
      }
    }
  }

  /// h += z (n - h), `count` values; each from its offset.
  public static func blend(
    _ h: inout [Float], at offset: Int = 0, toward n: [Float], from nStart: Int, by z: [Float], from zStart: Int,
    count: Int
  ) {
    check(offset..<offset + count, h.count)
    check(nStart..<nStart + count, n.count)
    check(zStart..<zStart + count, z.count)
    z.withUnsafeBufferPointer { z in
      n.withUnsafeBufferPointer { n in
        h.withUnsafeMutableBufferPointer { h in
          guard let z = z.baseAddress, let n = n.baseAddress, let h = h.baseAddress else { return }
          ck_blend(z + zStart, n + nStart, h + offset, count)
        }
      }
    }
  }

  /// Positive and negative part of `count` values: on = gain max(x, 0), off = max(-x, 0).
  public static func splitRelu(
    _ values: [Float], from start: Int, count: Int, gain: Float, into out: inout [Float], on: Int, off: Int
  ) {
    check(start..<start + count, values.count)
    check(on..<on + count, out.count)
    check(off..<off + count, out.count)
    values.withUnsafeBufferPointer { x in
      out.withUnsafeMutableBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        ck_split_relu(x + start, y + on, y + off, count, gain)
      }
    }
  }

  /// An array of `count` floats that a kernel fills; its content is undefined until then.
  public static func unfilled(_ count: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { _, filled in filled = count }
  }

  private static func check(_ range: Range<Int>, _ count: Int) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range \(range) in \(count) values")
  }
}

/// Sums over parts of arrays, accumulated in float64.
public enum Reduction {
  public static func sum(_ x: [Float], in range: Range<Int>? = nil) -> Double {
    reduce(x, range) { ck_sum($0, $1) }
  }

  public static func sumOfSquares(_ x: [Float], in range: Range<Int>? = nil) -> Double {
    reduce(x, range) { ck_sum_squares($0, $1) }
  }

  /// Sum of (x - mean)^2.
  public static func squaredDeviation(_ x: [Float], in range: Range<Int>? = nil, from mean: Double) -> Double {
    reduce(x, range) { ck_squared_deviation($0, $1, mean) }
  }

  /// Inner product of `count` values from the offsets (all of them if nil).
  public static func dot(_ a: [Float], from aStart: Int = 0, _ b: [Float], from bStart: Int = 0, count: Int? = nil)
    -> Double
  {
    let count = count ?? min(a.count - aStart, b.count - bStart)
    precondition(aStart >= 0 && bStart >= 0 && aStart + count <= a.count && bStart + count <= b.count)
    guard count > 0 else { return 0 }
    return a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return 0 }
        return ck_dot(a + aStart, b + bStart, count)
      }
    }
  }

  private static func reduce(
    _ x: [Float], _ range: Range<Int>?, _ body: (UnsafePointer<Float>, Int) -> Double
  ) -> Double {
    let range = range ?? 0..<x.count
    precondition(range.lowerBound >= 0 && range.upperBound <= x.count, "range \(range) in \(x.count) values")
    guard !range.isEmpty else { return 0 }
    return x.withUnsafeBufferPointer { x in
      guard let x = x.baseAddress else { return 0 }
      return body(x + range.lowerBound, range.count)
    }
  }
}
