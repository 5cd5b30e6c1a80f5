import Foundation

/// Student's t distribution.
///
/// Formula: the probability beyond t on both sides is the regularized incomplete beta function I_x(v / 2, 1 / 2) at
/// x = v / (v + t²), v the degrees of freedom.
/// Source: Abramowitz and Stegun 26.7.1 and 26.5.8, the continued fraction by Lentz's method.
public enum StudentT {
  /// The probability of a value at least as far from 0 as `t`.
  ///
  /// - Precondition: `freedom` is above 0.
  public static func twoSided(_ t: Double, freedom: Double) -> Double {
    precondition(freedom > 0, "\(freedom) degrees of freedom")
    guard !t.isNaN else { return .nan }
    guard t.isFinite else { return 0 }
    return incompleteBeta(freedom / 2, 0.5, at: freedom / (freedom + t * t))
  }

  /// The value that is exceeded on either side with the probability `p` in all.
  ///
  /// - Precondition: `p` lies between 0 and 1, and `freedom` is above 0.
  public static func value(exceededWith p: Double, freedom: Double) -> Double {
    precondition(p > 0 && p < 1, "the probability \(p) is not between 0 and 1")
    var (low, high) = (0.0, 2.0)
    while twoSided(high, freedom: freedom) > p, high < 1e12 { high *= 2 }
    for _ in 0..<200 where high - low > 1e-12 * high {
      let middle = (low + high) / 2
      if twoSided(middle, freedom: freedom) > p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// I_x(a, b).
  static func incompleteBeta(_ a: Double, _ b: Double, at x: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    // The fraction converges fast below the mean of the distribution.
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(b, a, at: 1 - x) }
    let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    let tiny = 1e-300
    var c = 1.0
    var d = 1 - (a + b) * x / (a + 1)
    d = 1 / (abs(d) < tiny ? tiny : d)
    var fraction = d
    for step in 1...10_000 {
      let m = Double(step)
      for term in [
        m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
      ] {
        d = 1 + term * d
        d = 1 / (abs(d) < tiny ? tiny : d)
        c = 1 + term / c
        if abs(c) < tiny { c = tiny }
        fraction *= c * d
      }
      if abs(c * d - 1) < 1e-15 { break }
    }
    return min(1, front * fraction)
  }
}
