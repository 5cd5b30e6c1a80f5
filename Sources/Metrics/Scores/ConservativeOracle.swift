/// Correlation of single trials with the mean of all trials, the trial itself included. It is higher than the oracle, so a
/// score relative to it is conservative.
///
/// Formula: `sqrt(M / (M + S)), M the variance of ybar over time bins, S the variance over trials averaged over
/// time bins`.
/// Undefined: the stimulus does not repeat, too few trials or time bins, no spikes; constant response.
/// Source: compute_oracle_corr_corrected of neuralpredictors.
public enum ConservativeOracle: RepeatMetric {
  public static let name = "oracle_conservative"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "Upper bound of the oracle: single trials against the mean of all trials"
  public static let formula =
    "sqrt(M / (M + S)), M the variance of ybar over time bins, S the variance over trials averaged over time bins"
  public static let undefinedCases: [Undefined] = Repeats.obstacles + [.constantResponse]
  public static let source = "compute_oracle_corr_corrected of neuralpredictors"
  public static let aliases = ["corrected oracle", "oracle corrected"]
  public static let interpretation =
    "Higher than `oracle`, because the mean includes the trial itself. A score relative to it is a conservative estimate."

  public static func score(_ repeats: Repeats) -> Score {
    if let obstacle = repeats.obstacle { return .undefined(obstacle) }
    let signal = Moments.variance(repeats.meanCounts, missing: 0)
    guard signal > 0 else { return .undefined(.constantResponse) }
    return .value((signal / (signal + repeats.noiseVariance(missing: 0))).squareRoot())
  }
}
