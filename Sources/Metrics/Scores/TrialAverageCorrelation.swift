/// Correlation of the trial-averaged prediction with the trial-averaged response, over time bins.
///
/// Formula: `cov(ybar, rbar) / sqrt(var ybar var rbar), ybar and rbar the means over trials`.
/// Undefined: the stimulus does not repeat, too few trials or time bins, no spikes; constant response;
/// constant prediction.
/// Source: corr_to_mean of neuralpredictors.
public enum TrialAverageCorrelation: RepeatMetric {
  public static let name = "r_average"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "Correlation of mean prediction and mean response over repeats"
  public static let formula =
    "cov(ybar, rbar) / sqrt(var ybar var rbar), ybar and rbar the means over trials"
  public static let undefinedCases: [Undefined] = Repeats.obstacles + [.constantResponse, .constantPrediction]
  public static let source = "corr_to_mean of neuralpredictors"
  public static let aliases = ["correlation to mean", "corr_to_mean", "trial average"]
  public static let interpretation =
    "From -1 to 1; a wrong gain or offset does not change it. It rises with the number of averaged trials; `cc_norm` corrects for that."

  public static func score(_ repeats: Repeats) -> Score {
    if let obstacle = repeats.obstacle { return .undefined(obstacle) }
    guard !Moments.isConstant(repeats.meanCounts) else { return .undefined(.constantResponse) }
    guard let r = Moments.correlation(repeats.meanCounts, repeats.meanRates) else {
      return .undefined(.constantPrediction)
    }
    return .value(r)
  }
}
