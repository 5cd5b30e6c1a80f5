/// Correlation with the mean response, relative to the split-half noise ceiling. Never clipped.
///
/// Formula: `cc_abs / cc_max_split`.
/// Undefined: the stimulus does not repeat, too few trials or time bins, no spikes; constant response;
/// constant prediction; halves of the trials do not correlate.
/// Source: VisionCore's ccnorm without its clipping to 0 and 1, with the splits of numpy's default_rng(seed).
public enum NormalizedCorrelationByHalves: RepeatMetric {
  public static let name = "cc_norm_split"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "CC_norm: correlation relative to the noise ceiling, from split halves"
  public static let formula =
    "cc_abs / cc_max_split"
  public static let undefinedCases: [Undefined] =
    Repeats.obstacles + [.constantResponse, .constantPrediction, .unreliableHalves]
  public static let source =
    "VisionCore's ccnorm without its clipping to 0 and 1, with the splits of numpy's default_rng(seed)"
  public static let aliases = ["split half normalized correlation", "ccnorm split"]
  public static let interpretation =
    "As `cc_norm`, but relative to the split-half ceiling. VisionCore's ccnorm is the same, clipped to 0 and 1."

  public static func score(_ repeats: Repeats) -> Score {
    if let obstacle = repeats.obstacle { return .undefined(obstacle) }
    let correlation = AbsoluteCorrelation.score(repeats)
    guard let value = correlation.value else { return correlation }
    guard let ceiling = repeats.halves.ceiling, ceiling > smallestCeiling else { return .undefined(.unreliableHalves) }
    return .value(value / ceiling)
  }

  /// Smallest ceiling for which VisionCore reports a number.
  private static let smallestCeiling = 1e-3
}
