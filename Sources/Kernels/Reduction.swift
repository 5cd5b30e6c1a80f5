import CKernels

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

  /// Inner product of all weights with as many values from `start`.
  public static func dot(_ weights: [Double], _ values: [Float], from start: Int) -> Double {
    let count = weights.count
    precondition(start >= 0 && start + count <= values.count)
    return weights.withUnsafeBufferPointer { weights in
      values.withUnsafeBufferPointer { values in
        guard let weights = weights.baseAddress, let values = values.baseAddress else { return 0 }
        return ck_weighted_sum(weights, values + start, count)
      }
    }
  }

  /// Sum of a x over the values of x below 0, in `range` of both.
  public static func negativeDot(_ a: [Float], _ x: [Float], in range: Range<Int>) -> Double {
    precondition(range.lowerBound >= 0 && range.upperBound <= min(a.count, x.count))
    var sum = 0.0
    for index in range where x[index] < 0 { sum += Double(a[index]) * Double(x[index]) }
    return sum
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
