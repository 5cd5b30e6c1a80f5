/// Poisson loss per observed spike: the negative log-likelihood without the term that depends only on the counts.
///
/// Formula: `sum d [r - y ln(r + 1e-8)] / sum d y`.
/// Units: nats/spike.
/// Undefined: all bins masked; more than a tenth of the valid bins can't be used; prediction is not finite; prediction is
/// negative; no spikes.
/// Source: VisionCore's masked Poisson loss, per spike instead of per bin.
public enum NegativeLogLikelihoodPerSpike: BinMetric {
  public static let name = "nll_per_spike"
  public static let version = 1
  public static let unit: String? = "nats/spike"
  public static let isLowerBetter = true
  public static let summary = "Poisson loss per observed spike"
  public static let formula =
    "sum d [r - y ln(r + 1e-8)] / sum d y"
  public static let undefinedCases: [Undefined] = [
    .allMasked, .responseNotFinite, .notFinite, .negativePrediction, .noSpikes,
  ]
  public static let source = "VisionCore's masked Poisson loss, per spike instead of per bin"
  public static let aliases = ["poisson loss per spike"]
  public static let interpretation =
    "Lower is better, among predictions of the same cell and frames. Comparable between recordings of different length, but not between firing rates."

  public static func score(_ sums: MaskedSums) -> Score {
    if let obstacle = sums.obstacle { return .undefined(obstacle) }
    guard sums.counts > 0 else { return .undefined(.noSpikes) }
    return .value((sums.rates - sums.countLogRate) / sums.counts)
  }
}
