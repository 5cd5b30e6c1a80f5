/// Number of bins with a mask above 0. Always defined.
///
/// Formula: `number of bins with d > 0`.
/// Source: count.
public enum ValidBins: BinMetric {
  public static let name = "valid_bins"
  public static let version = 1
  public static let unit: String? = "bins"
  public static let summary = "Valid bins"
  public static let formula = "number of bins with d > 0"
  public static let undefinedCases: [Undefined] = []
  public static let source = "count"
  public static let aliases = ["bins", "frames", "mask"]
  public static let interpretation =
    "How many frames the data filters leave."

  public static func score(_ sums: MaskedSums) -> Score { .value(Double(sums.validBins)) }
}
