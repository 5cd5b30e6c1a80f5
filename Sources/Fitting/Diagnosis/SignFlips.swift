import Foundation

/// The exact sign-flip test of a few differences: whether they are above 0 together.
///
/// Formula: p is the share of all 2^n choices of signs whose sum is at least the observed one. It assumes only that without an
/// effect each difference is as likely to lie below 0 as above it. One large difference among several small ones, which
/// inflates a standard error, does not hide that all of them are above 0.
/// Source: Fisher 1935, The Design of Experiments, section 21.
package enum SignFlips {
  /// Differences up to which all choices of signs are tried.
  package static let mostDifferences = 16

  /// One-sided p; nil for no differences, more than `mostDifferences`, or one that is not finite.
  package static func p(_ differences: [Double]) -> Double? {
    let size = differences.reduce(0) { $0 + abs($1) }
    guard (1...mostDifferences).contains(differences.count), size.isFinite else { return nil }
    let observed = differences.reduce(0, +) - 1e-9 * size
    // Each step turns the sign of one difference (a Gray code), from all signs as observed.
    var signs = [Double](repeating: 1, count: differences.count)
    var sum = differences.reduce(0, +)
    var reached = 1
    let choices = 1 << differences.count
    for step in 1..<choices {
      let turned = step.trailingZeroBitCount
      sum -= 2 * signs[turned] * differences[turned]
      signs[turned] = -signs[turned]
      if sum >= observed { reached += 1 }
    }
    return Double(reached) / Double(choices)
  }

  /// The z at which a normal variable has the one-sided p that the test gives; nil where that is.
  package static func z(_ differences: [Double]) -> Double? {
    guard let p = p(differences) else { return nil }
    // The upper tail falls with z; 2^-16 lies at 4.2, and 1 at minus infinity.
    var (low, high) = (-8.0, 8.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if erfc(middle / 2.0.squareRoot()) / 2 > p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
