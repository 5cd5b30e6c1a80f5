/// Share of a constant rate's deviance that the prediction explains: 1 for a perfect prediction, below 0 for one that is
/// worse than the mean.
///
/// Formula: `1 - D(r) / D(m), D the deviance, m = sum d y / sum d`.
/// Undefined: all bins masked; more than a tenth of the valid bins can't be used; prediction is not finite; prediction is
/// negative; no spikes; null rate is not positive; prediction is 0 where spikes are; the null explains every bin.
/// Source: Cohen et al. 2003, D2; pseudo_r2_Cohen of nemos.
public enum DevianceExplained: NullMetric {
  public static let name = "deviance_explained"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "Share of the constant rate's deviance that the prediction explains"
  public static let formula =
    "1 - D(r) / D(m), D the deviance, m = sum d y / sum d"
  public static let undefinedCases: [Undefined] = [
    .allMasked, .responseNotFinite, .notFinite, .negativePrediction, .noSpikes, .nullNotPositive, .zeroRateAtSpike,
    .nothingToExplain,
  ]
  public static let source = "Cohen et al. 2003, D2; pseudo_r2_Cohen of nemos"
  public static let aliases = ["d2", "explained deviance"]
  public static let interpretation =
    "1: perfect; 0: no better than a constant rate; below 0: worse. Single counts are noisy, so even good models stay far below 1."

  public static func score(_ sums: MaskedSums, nullMean: Double?) -> Score {
    if let obstacle = sums.obstacle { return .undefined(obstacle) }
    guard sums.counts > 0 else { return .undefined(.noSpikes) }
    let mean = nullMean ?? sums.meanCount
    guard mean > 0, mean.isFinite else { return .undefined(.nullNotPositive) }
    guard let deviance = Deviance.of(sums) else { return .undefined(.zeroRateAtSpike) }
    let null = Deviance.ofNull(sums, mean: mean)
    guard null > 0 else { return .undefined(.nothingToExplain) }
    return .value(1 - deviance / null)
  }
}
