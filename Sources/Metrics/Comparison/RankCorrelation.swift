import Foundation

/// Spearman's rank correlation: whether one quantity rises when the other does.
///
/// Formula: Pearson's correlation of the ranks, with the mean rank for ties; two-sided p from Fisher's z with the variance
/// 1.06 / (n - 3).
/// Undefined: fewer than 4 pairs, or a constant quantity.
/// Source: Spearman 1904; Fieller, Hartley and Pearson 1957 for the variance.
public struct RankCorrelation: Sendable, Equatable {
  public let rho: Double
  public let p: Double

  public init?(_ a: [Double], _ b: [Double]) {
    precondition(a.count == b.count, "pairs of \(a.count) and \(b.count) values")
    guard a.count >= 4, let rho = Moments.correlation(Self.ranks(a), Self.ranks(b)) else { return nil }
    self.rho = rho
    let z = atanh(min(1 - 1e-15, abs(rho))) * (Double(a.count - 3) / 1.06).squareRoot()
    p = erfc(z / 2.0.squareRoot())
  }

  static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      let end = order[start...].firstIndex { values[$0] != values[order[start]] } ?? order.count
      for index in order[start..<end] { ranks[index] = Double(start + end + 1) / 2 }
      start = end
    }
    return ranks
  }
}
