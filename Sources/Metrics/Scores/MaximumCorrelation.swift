/// The noise ceiling: estimated correlation of the mean response with the noiseless response, from the signal power.
///
/// Formula: `sqrt(SP / var ybar), SP the signal power`.
/// Undefined: the stimulus does not repeat, too few trials or time bins, no spikes; constant response;
/// signal power is not positive.
/// Source: Schoppe et al. 2016 and their published code, which divides var by the number of time bins and SP by one
/// less.
public enum MaximumCorrelation: RepeatMetric {
  public static let name = "cc_max"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "CC_max: the highest correlation that the noise allows, from the signal power"
  public static let formula =
    "sqrt(SP / var ybar), SP the signal power"
  public static let undefinedCases: [Undefined] = Repeats.obstacles + [.constantResponse, .nonPositiveSignalPower]
  public static let source =
    "Schoppe et al. 2016 and their published code, which divides var by the number of time bins and SP by one less"
  public static let aliases = ["ceiling", "noise ceiling by signal power", "ccmax"]
  public static let interpretation =
    "The correlation that a perfect model would reach with this many trials. Near 1 for cells with reliable responses."

  public static func score(_ repeats: Repeats) -> Score {
    if let obstacle = repeats.obstacle { return .undefined(obstacle) }
    let variance = Moments.variance(repeats.meanCounts, missing: 0)
    guard variance > 0 else { return .undefined(.constantResponse) }
    guard let power = repeats.signalPower, power > 0 else { return .undefined(.nonPositiveSignalPower) }
    return .value((power / variance).squareRoot())
  }
}
