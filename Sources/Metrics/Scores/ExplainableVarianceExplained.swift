/// Share of the explainable variance that the prediction explains. Never clipped: below 0 where the error is larger than
/// that of the mean.
///
/// Formula: `1 - (E - S) / (V - S), E the squared error averaged over trials and time bins, V and S as for fev`.
/// Undefined: the stimulus does not repeat, too few trials or time bins, no spikes; signal power is not
/// positive.
/// Source: Cadena et al. 2019; feve of neuralpredictors.
public enum ExplainableVarianceExplained: RepeatMetric {
  public static let name = "feve"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "Share of the explainable variance that the prediction explains"
  public static let formula =
    "1 - (E - S) / (V - S), E the squared error averaged over trials and time bins, V and S as for fev"
  public static let undefinedCases: [Undefined] = Repeats.obstacles + [.nonPositiveSignalPower]
  public static let source = "Cadena et al. 2019; feve of neuralpredictors"
  public static let aliases = ["fraction of explainable variance explained", "explained variance"]
  public static let interpretation =
    "1: everything that repeats is explained; below 0: worse than the mean. Unstable where `fev` is small."

  public static func score(_ repeats: Repeats) -> Score {
    if let obstacle = repeats.obstacle { return .undefined(obstacle) }
    let noise = repeats.noiseVariance(missing: 1)
    let explainable = repeats.totalVariance - noise
    guard explainable > 0 else { return .undefined(.nonPositiveSignalPower) }
    return .value(1 - (repeats.meanSquaredError - noise) / explainable)
  }
}
