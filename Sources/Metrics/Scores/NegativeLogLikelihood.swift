/// Poisson loss of the prediction, without the term that depends on the counts alone.
///
/// Formula: `sum d [r - y ln(r + 1e-8)] / sum d`, over the valid bins.
/// Units: nats per bin.
/// Undefined: all bins masked, a prediction that is negative or not finite.
/// Source: VisionCore's masked Poisson loss, per cell (SEMANTICS 15).
public enum NegativeLogLikelihood: BinMetric {
  public static let name = "nll"
  public static let version = 1
  public static let unit: String? = "nats/bin"
  public static let summary = "Mean Poisson loss of a bin"
  public static let formula = "sum d [r - y ln(r + 1e-8)] / sum d"
  public static let undefinedCases: [Undefined] = [.allMasked, .responseNotFinite, .notFinite, .negativePrediction]
  public static let source = "VisionCore's masked Poisson loss, per cell"

  public static func score(_ sums: MaskedSums) -> Score { perBin(sums) }

  public static func perBin(_ series: MaskedSeries) -> Score { perBin(series.sums) }

  public static func perBin(_ sums: MaskedSums) -> Score {
    if let obstacle = sums.obstacle { return .undefined(obstacle) }
    return .value((sums.rates - sums.countLogRate) / sums.weight)
  }
}
