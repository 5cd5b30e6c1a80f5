/// Correlation with the mean response, relative to the noise ceiling. Never clipped: chance can lift it above 1.
///
/// Formula: `cov(ybar, rbar) / sqrt(SP var rbar), which is cc_abs / cc_max`.
/// Undefined: the stimulus does not repeat, too few trials or time bins, no spikes; constant prediction;
/// signal power is not positive.
/// Source: Schoppe et al. 2016, equation 10, and their published code.
public enum NormalizedCorrelation: RepeatMetric {
  public static let name = "cc_norm"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "CC_norm: correlation relative to the noise ceiling, from the signal power"
  public static let formula =
    "cov(ybar, rbar) / sqrt(SP var rbar), which is cc_abs / cc_max"
  public static let undefinedCases: [Undefined] = Repeats.obstacles + [.constantPrediction, .nonPositiveSignalPower]
  public static let source = "Schoppe et al. 2016, equation 10, and their published code"
  public static let aliases = ["normalized correlation", "normalised correlation", "ccnorm"]
  public static let interpretation =
    "1: as good as the noise allows; above 1 by chance. Unstable where `cc_max` is small. A wrong gain or offset does not change it."

  public static func score(_ repeats: Repeats) -> Score {
    if let obstacle = repeats.obstacle { return .undefined(obstacle) }
    guard !Moments.isConstant(repeats.meanRates) else { return .undefined(.constantPrediction) }
    let variance = Moments.variance(repeats.meanRates, missing: 0)
    guard let power = repeats.signalPower, power > 0 else { return .undefined(.nonPositiveSignalPower) }
    return .value(Moments.covariance(repeats.meanCounts, repeats.meanRates) / (power * variance).squareRoot())
  }
}
