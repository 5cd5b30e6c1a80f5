/// A number per cell, and all that must be known to read it.
///
/// A metric is one file in `Scores/` and one line in `AllMetrics.swift`. Formula, undefined cases and source stand in the
/// doc comment for who reads the code, and as values for `explain`.
public protocol Metric: Sendable {
  /// The column's name.
  static var name: String { get }
  /// Raised whenever the definition changes: a stored number says by which version it was made.
  static var version: Int { get }
  static var unit: String? { get }
  static var summary: String { get }
  /// In terms of r (predicted), y (observed) and d (mask), counts per bin.
  static var formula: String { get }
  /// Every reason for which the metric may have no value.
  static var undefinedCases: [Undefined] { get }
  /// Paper and equation, or the system whose numbers are matched.
  static var source: String { get }
  /// Other words for it, by which help finds it.
  static var aliases: [String] { get }
  /// How to read a value: which are good, and what it does not tell.
  static var interpretation: String { get }
}

extension Metric {
  public static var aliases: [String] { [] }
}

/// A metric of single bins, whatever their order.
public protocol BinMetric: Metric {
  static func score(_ sums: MaskedSums) -> Score
}

extension BinMetric {
  public static func score(_ series: MaskedSeries) -> Score { score(series.sums) }
}

/// A metric of single bins that compares the prediction with a constant rate.
public protocol NullMetric: BinMetric {
  /// Against the constant rate `nullMean` (counts per bin, e.g. of the training split); the bins' own mean where nil.
  static func score(_ sums: MaskedSums, nullMean: Double?) -> Score
}

extension NullMetric {
  public static func score(_ sums: MaskedSums) -> Score { score(sums, nullMean: nil) }
  public static func score(_ series: MaskedSeries, nullMean: Double?) -> Score {
    score(series.sums, nullMean: nullMean)
  }
}

/// A metric of repeated trials of one stimulus.
public protocol RepeatMetric: Metric {
  static func score(_ repeats: Repeats) -> Score
}
