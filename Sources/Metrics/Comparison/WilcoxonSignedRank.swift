import Foundation

/// Wilcoxon's signed-rank test: whether paired differences are distributed symmetrically around 0.
///
/// Formula: the magnitudes of the differences that are not 0 are ranked, with the mean rank for ties; W+ is the sum of the
/// ranks of the positive differences. Two-sided p: exact, over all choices of signs, for up to 50 differences; otherwise by
/// the normal approximation, corrected for ties but not for continuity.
/// Undefined: every difference is 0.
/// Source: Wilcoxon 1945; scipy.stats.wilcoxon (zero_method "wilcox"), except that scipy uses the approximation with ties.
public struct WilcoxonSignedRank: Sendable, Equatable {
  /// Rank sums of the positive and of the negative differences.
  public let positive: Double
  public let negative: Double
  public let p: Double

  /// Largest number of differences for which p is exact.
  static let exactLimit = 50

  public init?(_ differences: [Double]) {
    let magnitudes = differences.filter { $0 != 0 && !$0.isNaN }.sorted { abs($0) < abs($1) }
    guard !magnitudes.isEmpty else { return nil }
    // Twice the rank is a whole number for ties as well.
    var ranks: [Int] = []
    var ties = 0.0
    while ranks.count < magnitudes.count {
      let start = ranks.count
      let end = magnitudes[start...].firstIndex { abs($0) != abs(magnitudes[start]) } ?? magnitudes.count
      let size = end - start
      ranks += [Int](repeating: start + 1 + end, count: size)
      ties += Double(size * size * size - size)
    }
    let above = zip(magnitudes, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
    let total = ranks.reduce(0, +)
    positive = Double(above) / 2
    negative = Double(total - above) / 2
    p =
      magnitudes.count <= Self.exactLimit
      ? Self.exact(ranks, smaller: min(above, total - above))
      : Self.normal(count: Double(magnitudes.count), ties: ties, smaller: min(positive, negative))
  }

  /// Rank-biserial correlation: -1 where all differences are below 0, 1 where all are above.
  ///
  /// Source: Kerby 2014, the simple difference formula.
  public var effectSize: Double { (positive - negative) / (positive + negative) }

  private static func exact(_ ranks: [Int], smaller: Int) -> Double {
    // For each rank sum, the share of all choices of signs that have it.
    var share = [Double](repeating: 0, count: ranks.reduce(0, +) + 1)
    share[0] = 1
    var reach = 0
    for rank in ranks {
      reach += rank
      for sum in stride(from: reach, through: 0, by: -1) {
        share[sum] = (share[sum] + (sum >= rank ? share[sum - rank] : 0)) / 2
      }
    }
    return min(1, 2 * share[0...smaller].reduce(0, +))
  }

  private static func normal(count n: Double, ties: Double, smaller: Double) -> Double {
    let variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48
    guard variance > 0 else { return 1 }
    return erfc(abs(smaller - n * (n + 1) / 4) / (2 * variance).squareRoot())
  }
}
