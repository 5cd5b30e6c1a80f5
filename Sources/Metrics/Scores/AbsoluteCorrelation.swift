/// Correlation of prediction and mean response, not corrected for noise. The value equals `r_average`; this name goes with
/// CC_norm and CC_max.
///
/// Formula: `cov(ybar, rbar) / sqrt(var ybar var rbar), ybar and rbar the means over trials`.
/// Undefined: the stimulus does not repeat, too few trials or time bins, no spikes; constant response;
/// constant prediction.
/// Source: Schoppe et al. 2016, CC_abs.
public enum AbsoluteCorrelation: RepeatMetric {
  public static let name = "cc_abs"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "CC_abs: correlation with the mean response, not corrected for noise"
  public static let formula =
    "cov(ybar, rbar) / sqrt(var ybar var rbar), ybar and rbar the means over trials"
  public static let undefinedCases: [Undefined] = Repeats.obstacles + [.constantResponse, .constantPrediction]
  public static let source = "Schoppe et al. 2016, CC_abs"
  public static let aliases = ["absolute correlation", "ccabs"]
  public static let interpretation =
    "From -1 to 1. The mean response is itself noisy, so even a perfect model reaches only `cc_max`."

  public static func score(_ repeats: Repeats) -> Score { TrialAverageCorrelation.score(repeats) }
}
