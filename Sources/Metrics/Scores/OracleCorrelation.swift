/// Correlation of single trials with the mean of all other trials: the score of a model that knows the response to every
/// stimulus.
///
/// Formula: `corr(y, mean of the other trials at the same time bin), over all responses`.
/// Undefined: the stimulus does not repeat, too few trials or time bins, no spikes; trials do not
/// correlate with the others.
/// Source: Walker et al. 2019; compute_oracle_corr of neuralpredictors (jackknife).
public enum OracleCorrelation: RepeatMetric {
  public static let name = "oracle"
  public static let version = 1
  public static let unit: String? = nil
  public static let summary = "Correlation of single trials with the mean of the other trials"
  public static let formula =
    "corr(y, mean of the other trials at the same time bin), over all responses"
  public static let undefinedCases: [Undefined] = Repeats.obstacles + [.unreliableTrials]
  public static let source = "Walker et al. 2019; compute_oracle_corr of neuralpredictors (jackknife)"
  public static let aliases = ["oracle score", "jackknife", "leave one out"]
  public static let interpretation =
    "The single-trial correlation of a model that knows the other trials. It is an upper bound for `r` on repeats, and rises with the number of trials."

  public static func score(_ repeats: Repeats) -> Score {
    if let obstacle = repeats.obstacle { return .undefined(obstacle) }
    var responses: [Double] = []
    var others: [Double] = []
    for (index, bin) in repeats.bins.enumerated() {
      let entries = repeats.entries(at: bin)
      let count = Double(entries.count)
      for entry in entries {
        responses.append(repeats.counts[entry])
        others.append((repeats.meanCounts[index] * count - repeats.counts[entry]) / (count - 1))
      }
    }
    guard let r = Moments.correlation(responses, others) else { return .undefined(.unreliableTrials) }
    return .value(r)
  }
}
