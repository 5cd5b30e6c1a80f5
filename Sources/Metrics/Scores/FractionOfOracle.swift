/// Single-trial correlation of the prediction, as a share of that of the other trials' mean.
///
/// Formula: `corr(r, y) / oracle, over the responses of the repeats`.
/// Undefined: the stimulus does not repeat, too few trials or time bins, no spikes; constant prediction;
/// trials do not correlate with the others.
/// Source: Walker et al. 2019, per cell.
public enum FractionOfOracle: RepeatMetric {
  public static let name = "fraction_of_oracle"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "Single-trial correlation as a share of the oracle"
  public static let formula =
    "corr(r, y) / oracle, over the responses of the repeats"
  public static let undefinedCases: [Undefined] = Repeats.obstacles + [.constantPrediction, .unreliableTrials]
  public static let source = "Walker et al. 2019, per cell"
  public static let aliases = ["oracle fraction", "share of the oracle"]
  public static let interpretation =
    "1: predicts single trials as well as the mean of the other trials does; above 1: better."

  public static func score(_ repeats: Repeats) -> Score {
    if let obstacle = repeats.obstacle { return .undefined(obstacle) }
    let oracle = OracleCorrelation.score(repeats)
    guard let best = oracle.value else { return oracle }
    guard best > 0 else { return .undefined(.unreliableTrials) }
    let entries = repeats.bins.flatMap { repeats.entries(at: $0) }
    guard let r = Moments.correlation(entries.map { repeats.counts[$0] }, entries.map { repeats.rates[$0] }) else {
      return .undefined(.constantPrediction)
    }
    return .value(r / best)
  }
}
