import Foundation

/// Log-likelihood of the prediction above that of a constant rate, per spike.
///
/// Formula: `sum d [(y ln(r + 1e-8) - r) - (y ln(m + 1e-8) - m)] / (N ln 2)`, `N = sum d y` and `m = N / sum d`,
/// over the valid bins.
/// Undefined: all bins masked, more than a tenth of the valid bins can't be used, prediction is not finite, prediction is
/// negative, no spikes, null rate is not positive.
/// Source: VisionCore's bits per spike, which divides by at least 1 where vcsh reports no number (SEMANTICS 15);
/// Pillow et al. 2008.
public enum BitsPerSpike: NullMetric {
  public static let name = "bits_per_spike"
  public static let version = 1
  public static let unit: String? = "bits/spike"
  public static let summary = "Log-likelihood above a constant rate, per spike"
  public static let formula =
    "sum d [(y ln(r + 1e-8) - r) - (y ln(m + 1e-8) - m)] / (N ln 2), N = sum d y, m = N / sum d"
  public static let undefinedCases: [Undefined] = [
    .allMasked, .responseNotFinite, .notFinite, .negativePrediction, .noSpikes, .nullNotPositive,
  ]
  public static let source =
    "Pillow et al. 2008; VisionCore's bits per spike, which divides by at least 1 where vcsh reports no number"
  public static let aliases = ["bps", "bits per spike", "log likelihood", "information"]
  public static let interpretation =
    "0: no better than a constant rate; below 0: worse. Comparable across cells and rates. A noisy cell has a lower upper limit, and a wrong gain lowers the score: see `calibrate`."

  public static func score(_ sums: MaskedSums, nullMean: Double?) -> Score {
    if let obstacle = sums.obstacle { return .undefined(obstacle) }
    guard sums.counts > 0 else { return .undefined(.noSpikes) }
    let mean = nullMean ?? sums.meanCount
    guard mean > 0, mean.isFinite else { return .undefined(.nullNotPositive) }
    let model = sums.countLogRate - sums.rates
    let null = sums.counts * log(mean + MaskedSums.rateFloor) - sums.weight * mean
    return .value((model - null) / (sums.counts * log(2)))
  }
}
