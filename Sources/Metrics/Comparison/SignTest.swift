import Foundation

/// Sign test: whether paired differences are as often above 0 as below.
///
/// Formula: two-sided p of the binomial distribution with probability one half, over the differences that are not 0.
/// Undefined: every difference is 0.
/// Source: Arbuthnot 1710; scipy.stats.binomtest.
public struct SignTest: Sendable, Equatable {
  public let above: Int
  public let below: Int
  public let p: Double

  public init?(_ differences: [Double]) {
    above = differences.count { $0 > 0 }
    below = differences.count { $0 < 0 }
    let count = above + below
    guard count > 0 else { return nil }
    let logChoices = { (k: Int) in lgamma(Double(count + 1)) - lgamma(Double(k + 1)) - lgamma(Double(count - k + 1)) }
    let tail = (0...min(above, below)).reduce(0.0) { $0 + exp(logChoices($1) - Double(count) * log(2)) }
    p = min(1, 2 * tail)
  }
}
