/// Correlation of predicted rate and observed count over single bins.
///
/// Formula: `cov(r, y) / sqrt(var r var y)`, over the bins with d > 0, weighted by d.
/// Undefined: all bins masked, more than a tenth of the valid bins can't be used, prediction is not finite, prediction is
/// negative, no spikes, constant response, constant prediction.
/// Source: Pearson 1895; `pearson` of VisionCore's evaluation.
public enum PearsonCorrelation: BinMetric {
  public static let name = "r"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "Correlation of predicted rate and observed count, bin by bin"
  public static let formula = "cov(r, y) / sqrt(var r var y), over the bins with d > 0, weighted by d"
  public static let undefinedCases: [Undefined] = [
    .allMasked, .responseNotFinite, .notFinite, .negativePrediction, .noSpikes, .constantResponse, .constantPrediction,
  ]
  public static let source = "Pearson 1895; `pearson` of VisionCore's evaluation"
  public static let aliases = ["pearson", "correlation", "corr"]
  public static let interpretation =
    "From -1 to 1; a wrong gain or offset does not change it. Single bins are noisy, so even a perfect rate stays far below 1. A high r with low bits/spike indicates a wrong gain or offset."

  public static func score(_ sums: MaskedSums) -> Score {
    if let obstacle = sums.obstacle { return .undefined(obstacle) }
    guard sums.counts > 0 else { return .undefined(.noSpikes) }
    guard sums.countVariation > 0 else { return .undefined(.constantResponse) }
    guard sums.rateVariation > 0 else { return .undefined(.constantPrediction) }
    let r = sums.covariation / (sums.rateVariation.squareRoot() * sums.countVariation.squareRoot())
    return .value(min(1, max(-1, r)))
  }
}
