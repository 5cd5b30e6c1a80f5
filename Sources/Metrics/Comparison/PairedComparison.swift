import Base

/// Compares two scores of the same cells, cell by cell.
///
/// Undefined: nil where no cell has both scores; cells with only one of them are left out.
public struct PairedComparison: Sendable {
  /// Cells that have both scores.
  public let count: Int
  /// Means of the scores over those cells.
  public let mean: Double
  public let baselineMean: Double
  /// Score minus baseline: mean and median with 95 % intervals over cells.
  public let meanDifference: MeanInterval
  public let medianDifference: Double
  public let medianInterval: (lower: Double, upper: Double)?
  /// Nil for fewer than `fewestTested` cells.
  public let wilcoxon: WilcoxonSignedRank?
  public let sign: SignTest?
  /// Mean difference in units of the differences' standard deviation (Cohen's d for pairs); nil where they do not vary.
  public let standardizedDifference: Double?
  /// Whether there are enough cells for a test.
  let hasTests: Bool

  /// Fewest cells of a test: with fewer, no outcome could be called significant.
  public static let fewestTested = 4

  /// Why tests or intervals are undefined; nil where none is.
  public var reason: String? {
    let reasons = [
      hasTests
        ? wilcoxon == nil ? "the scores do not differ" : nil
        : "too few cells for a test (fewest \(Self.fewestTested))",
      meanDifference.reason,
    ].compactMap { $0 }
    return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }

  /// - Parameter groups: the session or subject of each cell; every group has the same weight in the means. Every cell has the
  ///   same weight where nil.
  public init?(_ scores: [Double?], baseline: [Double?], groups: [String]? = nil) {
    precondition(scores.count == baseline.count, "one baseline a score")
    let both = scores.indices.filter { scores[$0] != nil && baseline[$0] != nil }
    let values = both.compactMap { scores[$0] }
    let others = both.compactMap { baseline[$0] }
    let groups = groups.map { groups in both.map { groups[$0] } }
    let differences = zip(values, others).map { $0 - $1 }
    guard let difference = MeanInterval(differences, groups: groups),
      let mean = MeanInterval(values, groups: groups), let baselineMean = MeanInterval(others, groups: groups)
    else { return nil }
    count = both.count
    self.mean = mean.mean
    self.baselineMean = baselineMean.mean
    meanDifference = difference
    medianDifference = Quantile.median(differences) ?? .nan
    medianInterval = MedianBounds.interval(of: differences)
    let isTested = count >= Self.fewestTested
    wilcoxon = isTested ? WilcoxonSignedRank(differences) : nil
    sign = SignTest(differences)
    hasTests = isTested
    let spread = count > 1 ? Moments.variance(differences, missing: 1).squareRoot() : 0
    standardizedDifference = spread > 0 ? Moments.mean(differences) / spread : nil
  }
}
