/// Poisson loss of the prediction: the negative log-likelihood without the term that depends only on the counts.
///
/// Formula: `sum d [r - y ln(r + 1e-8)] / sum d`, over the valid bins.
/// Units: nats per bin.
/// Undefined: all bins masked, more than a tenth of the valid bins can't be used, prediction is not finite, prediction is
/// negative.
/// Source: VisionCore's masked Poisson loss, per cell (SEMANTICS 15).
public enum NegativeLogLikelihood: BinMetric {
  public static let name = "nll"
  public static let version = 1
  public static let unit: String? = "nats/bin"
  public static let isLowerBetter = true
  public static let summary = "Mean Poisson loss per bin"
  public static let formula = "sum d [r - y ln(r + 1e-8)] / sum d"
  public static let undefinedCases: [Undefined] = [.allMasked, .responseNotFinite, .notFinite, .negativePrediction]
  public static let source = "VisionCore's masked Poisson loss, per cell"
  public static let aliases = ["poisson loss", "loss", "negative log likelihood", "likelihood"]
  public static let interpretation =
    "Lower is better, among predictions of the same cell and frames. The loss depends on the firing rate, so do not compare cells by it."

  public static func score(_ sums: MaskedSums) -> Score { perBin(sums) }

  public static func perBin(_ series: MaskedSeries) -> Score { perBin(series.sums) }

  public static func perBin(_ sums: MaskedSums) -> Score {
    if let obstacle = sums.obstacle { return .undefined(obstacle) }
    return .value((sums.rates - sums.countLogRate) / sums.weight)
  }
}
