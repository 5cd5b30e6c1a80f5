/// Share of the variance of single responses that repeats with the stimulus, which is all that a model can explain.
///
/// Below 0 where responses vary more between trials than between time bins.
/// Formula: `(V - S) / V, V the variance of all responses, S the variance over trials averaged over time bins, both
/// without bias`.
/// Undefined: the stimulus does not repeat, too few trials or time bins, no spikes; constant response.
/// Source: Cadena et al. 2019; fev of neuralpredictors, var_ratio of openretina.
public enum ExplainableVariance: RepeatMetric {
  public static let name = "fev"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "Share of the response variance that the stimulus explains"
  public static let formula =
    "(V - S) / V, V the variance of all responses, S the variance over trials averaged over time bins, both without bias"
  public static let undefinedCases: [Undefined] = Repeats.obstacles + [.constantResponse]
  public static let source = "Cadena et al. 2019; fev of neuralpredictors, var_ratio of openretina"
  public static let aliases = ["explainable variance", "reliability", "signal to noise", "noise ceiling"]
  public static let interpretation =
    "Near 1: responses repeat reliably; near 0: only noise. Cells below about 0.15 are often left out of means of FEVE."

  public static func score(_ repeats: Repeats) -> Score {
    if let obstacle = repeats.obstacle { return .undefined(obstacle) }
    let total = repeats.totalVariance
    guard total > 0 else { return .undefined(.constantResponse) }
    return .value((total - repeats.noiseVariance(missing: 1)) / total)
  }
}
