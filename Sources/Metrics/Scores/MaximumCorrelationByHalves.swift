/// The noise ceiling from the correlation of random halves of the trials, with Spearman and Brown's correction.
///
/// Formula: `sqrt(2 c / (1 + c)), c the mean correlation of two random halves of the trials`.
/// Undefined: the stimulus does not repeat, too few trials or time bins, no spikes; halves of the trials
/// do not correlate.
/// Source: Hsu et al. 2004; VisionCore's ccnorm, with the splits of numpy's default_rng(seed).
public enum MaximumCorrelationByHalves: RepeatMetric {
  public static let name = "cc_max_split"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "CC_max: the highest correlation that the noise allows, from split halves"
  public static let formula =
    "sqrt(2 c / (1 + c)), c the mean correlation of two random halves of the trials"
  public static let undefinedCases: [Undefined] = Repeats.obstacles + [.unreliableHalves]
  public static let source = "Hsu et al. 2004; VisionCore's ccnorm, with the splits of numpy's default_rng(seed)"
  public static let aliases = ["split half reliability", "spearman brown"]
  public static let interpretation =
    "As `cc_max`, but from halves of the trials: it needs more trials and makes fewer assumptions."

  public static func score(_ repeats: Repeats) -> Score {
    if let obstacle = repeats.obstacle { return .undefined(obstacle) }
    guard let ceiling = repeats.halves.ceiling else { return .undefined(.unreliableHalves) }
    return .value(ceiling)
  }
}
