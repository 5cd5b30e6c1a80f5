import Base
import Foundation

/// Spearman's rank correlation: whether one quantity rises when the other does.
///
/// Formula: Pearson's correlation of the ranks, with the mean rank for ties. Two-sided p: up to 9 pairs exact, the share of all
/// orders of the pairs whose correlation is at least as far from 0 (ties included); above, of Student's t with n - 2 degrees of
/// freedom, t = rho sqrt((n - 2) / (1 - rho²)), but never below 2 / n!, the share of a single order and its reverse. Where ties leave fewer than half as many values as
/// pairs, p comes from 9999 random orders (seed 42) instead of t.
/// Undefined: fewer than 4 pairs, a value that is not finite, or a constant quantity. Of 4 pairs p is at least 1/12.
/// Source: Spearman 1904; Kendall and Stuart, The Advanced Theory of Statistics 2, section 31.19, for t; p above 9 pairs as
/// scipy.stats.spearmanr.
public struct RankCorrelation: Sendable, Equatable {
  public let rho: Double
  public let p: Double

  /// Fewest pairs.
  public static let fewest = 4
  /// Largest number of pairs for which p is exact.
  static let exactLimit = 9
  private static let randomOrders = 9999

  public init?(_ a: [Double], _ b: [Double]) {
    precondition(a.count == b.count, "pairs of \(a.count) and \(b.count) values")
    guard a.count >= Self.fewest, a.allSatisfy(\.isFinite), b.allSatisfy(\.isFinite) else { return nil }
    let (ranks, others) = (Self.ranks(a), Self.ranks(b))
    guard let rho = Moments.correlation(ranks, others) else { return nil }
    self.rho = max(-1, min(1, rho))
    if a.count <= Self.exactLimit {
      p = Self.exact(ranks, others)
    } else if 2 * min(Set(ranks).count, Set(others).count) < a.count {
      p = Self.byOrders(ranks, others)
    } else {
      p = Self.byStudentT(self.rho, count: a.count)
    }
  }

  /// The share of orders by counting: sums of products of ranks, over the sets of places that are taken already.
  private static func exact(_ a: [Double], _ b: [Double]) -> Double {
    // Twice the rank is a whole number for ties as well.
    let (a, b) = (a.map { Int(2 * $0) }, b.map { Int(2 * $0) })
    let count = a.count
    let centre = a.reduce(0, +) * b.reduce(0, +)
    let observed = abs(count * zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } - centre)
    // orders[set][sum]: in how many ways the first ranks of `a` take the places of the set.
    var orders = [[Int: Int]](repeating: [:], count: 1 << count)
    orders[0] = [0: 1]
    for set in orders.indices {
      let next = set.nonzeroBitCount
      guard next < count else { continue }
      for place in 0..<count where set & (1 << place) == 0 {
        let product = a[next] * b[place]
        for (sum, ways) in orders[set] { orders[set | 1 << place][sum + product, default: 0] += ways }
      }
      orders[set] = [:]
    }
    let all = orders[orders.count - 1]
    let reached = all.reduce(0) { $0 + (abs(count * $1.key - centre) >= observed ? $1.value : 0) }
    return Double(reached) / Double(all.reduce(0) { $0 + $1.value })
  }

  /// The share of random orders, the observed one included.
  private static func byOrders(_ a: [Double], _ b: [Double]) -> Double {
    let centre = a.reduce(0, +) * b.reduce(0, +) / Double(a.count)
    // Sums of half ranks are exact.
    let observed = abs(zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } - centre)
    var generator = NumpyGenerator(seed: 42)
    let reached = (0..<randomOrders).count { _ in
      let order = generator.permutation(a.count)
      return abs(order.indices.reduce(0) { $0 + a[$1] * b[order[$1]] } - centre) >= observed - 1e-9 * centre
    }
    return Double(1 + reached) / Double(1 + randomOrders)
  }

  private static func byStudentT(_ rho: Double, count: Int) -> Double {
    let freedom = Double(count - 2)
    let rest = (1 - rho) * (1 + rho)
    let t = rest > 0 ? abs(rho) * (freedom / rest).squareRoot() : .infinity
    return min(1, max(StudentT.twoSided(t, freedom: freedom), 2 * exp(-lgamma(Double(count + 1)))))
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
