/// Share of the signal power that the prediction explains. Unlike a correlation it depends on the gain; it has no lower bound.
///
/// Formula: `(var ybar - var(ybar - rbar)) / SP`.
/// Undefined: the stimulus does not repeat, too few trials or time bins, no spikes; signal power is not
/// positive.
/// Source: Sahani and Linden 2003; Schoppe et al. 2016, SPE.
public enum SignalPowerExplained: RepeatMetric {
  public static let name = "spe"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "Share of the signal power that the prediction explains"
  public static let formula =
    "(var ybar - var(ybar - rbar)) / SP"
  public static let undefinedCases: [Undefined] = Repeats.obstacles + [.nonPositiveSignalPower]
  public static let source = "Sahani and Linden 2003; Schoppe et al. 2016, SPE"
  public static let aliases = ["signal power explained"]
  public static let interpretation =
    "1: all signal power is explained; 0: as good as the mean; no lower bound. Unlike a correlation, a wrong gain lowers it."

  public static func score(_ repeats: Repeats) -> Score {
    if let obstacle = repeats.obstacle { return .undefined(obstacle) }
    guard let power = repeats.signalPower, power > 0 else { return .undefined(.nonPositiveSignalPower) }
    let rest = zip(repeats.meanCounts, repeats.meanRates).map { $0 - $1 }
    return .value((Moments.variance(repeats.meanCounts, missing: 1) - Moments.variance(rest, missing: 1)) / power)
  }
}
