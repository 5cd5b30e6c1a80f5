import Foundation

/// Twice the log-likelihood that the prediction lacks compared with one that knows every count.
///
/// Formula: `2 sum d [y ln(y / r) - (y - r)]`.
/// Units: nats.
/// Undefined: all bins masked; more than a tenth of the valid bins can't be used; prediction is not finite; prediction is
/// negative; prediction is 0 where spikes are.
/// Source: McCullagh and Nelder 1989; the deviance of nemos and of every Poisson GLM.
public enum Deviance: BinMetric {
  public static let name = "deviance"
  public static let version = 1
  public static let unit: String? = "nats"
  public static let isLowerBetter = true
  public static let summary = "Twice the log-likelihood missing to a perfect prediction"
  public static let formula =
    "2 sum d [y ln(y / r) - (y - r)]"
  public static let undefinedCases: [Undefined] = [
    .allMasked, .responseNotFinite, .notFinite, .negativePrediction, .zeroRateAtSpike,
  ]
  public static let source = "McCullagh and Nelder 1989; the deviance of nemos and of every Poisson GLM"
  public static let aliases = ["poisson deviance"]
  public static let interpretation =
    "0: every count is predicted exactly. It grows with the number of bins, so compare only predictions of the same cell and frames."

  public static func score(_ sums: MaskedSums) -> Score {
    if let obstacle = sums.obstacle { return .undefined(obstacle) }
    guard let deviance = of(sums) else { return .undefined(.zeroRateAtSpike) }
    return .value(deviance)
  }

  /// nil where it is infinite.
  static func of(_ sums: MaskedSums) -> Double? {
    guard sums.countLogExactRate.isFinite else { return nil }
    return 2 * (sums.countLogCount - sums.countLogExactRate - sums.counts + sums.rates)
  }

  /// Deviance of the constant rate `mean`.
  static func ofNull(_ sums: MaskedSums, mean: Double) -> Double {
    2 * (sums.countLogCount - sums.counts * log(mean) - sums.counts + sums.weight * mean)
  }
}
