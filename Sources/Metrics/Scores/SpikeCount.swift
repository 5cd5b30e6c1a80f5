/// Observed spikes.
///
/// Formula: `sum d y`, over the valid bins.
/// Undefined: all bins masked, more than a tenth of the valid bins can't be used.
/// Source: count.
public enum SpikeCount: BinMetric {
  public static let name = "spikes"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "Observed spikes in the valid bins"
  public static let formula = "sum d y"
  public static let undefinedCases: [Undefined] = [.allMasked, .responseNotFinite]
  public static let source = "count"
  public static let aliases = ["spike count", "counts"]
  public static let interpretation =
    "How much data the cell's scores are based on."

  public static func score(_ sums: MaskedSums) -> Score {
    guard sums.validBins > 0 else { return .undefined(.allMasked) }
    return sums.counts.isFinite ? .value(sums.counts) : .undefined(.responseNotFinite)
  }
}
