/// Observed mean rate.
///
/// Formula: `bins per second * sum d y / sum d`, over the valid bins.
/// Units: Hz.
/// Undefined: all bins masked, more than a tenth of the valid bins can't be used, bins per second are not known.
/// Source: mean count per second.
public enum FiringRate: BinMetric {
  public static let name = "rate_hz"
  public static let version = 1
  public static let unit: String? = "Hz"
  public static let summary = "Observed mean rate"
  public static let formula = "bins per second * sum d y / sum d"
  public static let undefinedCases: [Undefined] = [.allMasked, .responseNotFinite, .unknownRate]
  public static let source = "mean count per second"
  public static let aliases = ["firing rate", "fr", "hertz"]
  public static let interpretation =
    "The cell's activity in these frames. Scores of cells with a low rate depend on few spikes."

  public static func score(_ sums: MaskedSums) -> Score {
    guard sums.validBins > 0 else { return .undefined(.allMasked) }
    guard !sums.rateHz.isNaN else { return .undefined(.unknownRate) }
    let rate = sums.rateHz * sums.meanCount
    return rate.isFinite ? .value(rate) : .undefined(.responseNotFinite)
  }
}
