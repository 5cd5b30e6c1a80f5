import Foundation

/// McFadden's pseudo-R2: 1 minus the ratio of the log-likelihoods. Much smaller than an R2 of the same fit.
///
/// Formula: `1 - L(r) / L(m), L = sum d [y ln r - r - ln y!], m = sum d y / sum d`.
/// Undefined: all bins masked; more than a tenth of the valid bins can't be used; prediction is not finite; prediction is
/// negative; no spikes; null rate is not positive; prediction is 0 where spikes are; the null explains every bin.
/// Source: McFadden 1974; pseudo_r2_McFadden of nemos.
public enum PseudoR2: NullMetric {
  public static let name = "pseudo_r2"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "McFadden's pseudo-R2: share of the constant rate's log-likelihood"
  public static let formula =
    "1 - L(r) / L(m), L = sum d [y ln r - r - ln y!], m = sum d y / sum d"
  public static let undefinedCases: [Undefined] = [
    .allMasked, .responseNotFinite, .notFinite, .negativePrediction, .noSpikes, .nullNotPositive, .zeroRateAtSpike,
    .nothingToExplain,
  ]
  public static let source = "McFadden 1974; pseudo_r2_McFadden of nemos"
  public static let aliases = ["mcfadden", "pseudo r squared"]
  public static let interpretation =
    "0: no better than a constant rate. Values of 0.2 to 0.4 already indicate a good fit. Never compare it with an R2."

  public static func score(_ sums: MaskedSums, nullMean: Double?) -> Score {
    if let obstacle = sums.obstacle { return .undefined(obstacle) }
    guard sums.counts > 0 else { return .undefined(.noSpikes) }
    let mean = nullMean ?? sums.meanCount
    guard mean > 0, mean.isFinite else { return .undefined(.nullNotPositive) }
    guard sums.countLogExactRate.isFinite else { return .undefined(.zeroRateAtSpike) }
    let model = sums.countLogExactRate - sums.rates - sums.logFactorials
    let null = sums.counts * log(mean) - sums.weight * mean - sums.logFactorials
    guard null != 0 else { return .undefined(.nothingToExplain) }
    return .value(1 - model / null)
  }
}
