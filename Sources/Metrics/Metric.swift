/// A number per cell, from the bins of one cell.
///
/// A metric is one file in `Scores/` and one line in `AllMetrics.swift`.
public protocol Metric: Sendable {
  /// The column's name.
  static var name: String { get }
  /// Raised whenever the definition changes: a stored number says by which version it was made.
  static var version: Int { get }
  static var unit: String? { get }
  static var summary: String { get }
  static func score(_ sums: MaskedSums) -> Score
}

extension Metric {
  public static func score(_ series: MaskedSeries) -> Score { score(series.sums) }
}
