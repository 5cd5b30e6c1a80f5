/// FEVE with negative values set to 0. This makes means over cells too high: prefer `feve`.
///
/// Formula: `max(0, feve)`.
/// Undefined: the stimulus does not repeat, too few trials or time bins, no spikes; signal power is not
/// positive.
/// Source: feve of openretina.
public enum ClippedExplainableVarianceExplained: RepeatMetric {
  public static let name = "feve_clipped"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "FEVE, at least 0: for comparison with papers that clip"
  public static let formula =
    "max(0, feve)"
  public static let undefinedCases: [Undefined] = Repeats.obstacles + [.nonPositiveSignalPower]
  public static let source = "feve of openretina"
  public static let aliases = ["clipped feve"]
  public static let interpretation =
    "As `feve`, but negative values count as 0, so means over cells are too high. Use it only to compare with papers that clip."

  public static func score(_ repeats: Repeats) -> Score {
    switch ExplainableVarianceExplained.score(repeats) {
    case .value(let value): .value(max(0, value))
    case .undefined(let cause): .undefined(cause)
    }
  }
}
