/// A score of single cells, with everything that a reader needs to interpret it.
///
/// A metric is one file in `Scores/` and one line in `AllMetrics.swift`. Formula, undefined cases and source stand in the
/// doc comment for readers of the code, and as values for `explain`.
public protocol Metric: Sendable {
  /// The column's name.
  static var name: String { get }
  /// Rises with every change of the definition; stored scores carry the version that computed them.
  static var version: Int { get }
  static var unit: String? { get }
  /// Whether a better prediction has a lower value.
  static var isLowerBetter: Bool { get }
  static var summary: String { get }
  /// In r (predicted), y (observed) and d (mask), all per bin.
  static var formula: String { get }
  /// Every reason why the metric can be undefined.
  static var undefinedCases: [Undefined] { get }
  /// Paper and equation, or the software whose values are reproduced.
  static var source: String { get }
  /// Other words under which `help` finds it.
  static var aliases: [String] { get }
  /// How to read a value: which values are good, and what they do not show.
  static var interpretation: String { get }
}

extension Metric {
  public static var aliases: [String] { [] }
  public static var isLowerBetter: Bool { false }
}

/// A metric of single bins that does not depend on their order.
public protocol BinMetric: Metric {
  static func score(_ sums: MaskedSums) -> Score
}

extension BinMetric {
  public static func score(_ series: MaskedSeries) -> Score { score(series.sums) }
}

/// A metric that compares the prediction with a constant rate, the null.
public protocol NullMetric: BinMetric {
  /// - Parameter nullMean: the constant rate in counts per bin, e.g. of the training trials; the mean count of the scored bins
  ///   where nil.
  static func score(_ sums: MaskedSums, nullMean: Double?) -> Score
}

extension NullMetric {
  public static func score(_ sums: MaskedSums) -> Score { score(sums, nullMean: nil) }
  public static func score(_ series: MaskedSeries, nullMean: Double?) -> Score {
    score(series.sums, nullMean: nullMean)
  }
}

/// A metric of repeated trials of the same stimulus.
public protocol RepeatMetric: Metric {
  static func score(_ repeats: Repeats) -> Score
}
