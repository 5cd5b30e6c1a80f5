import Base

/// Permutation test of whether a cell responds to a repeated stimulus, without a model.
///
/// Formula: the statistic is the variance over time bins of the mean response. Under the null hypothesis each trial is shifted
/// circularly by a random time: it keeps its count and time course, but is no longer aligned with the stimulus.
/// `p = (1 + k) / (1 + n)`, where k of n statistics of shifted trials are at least as large.
/// Undefined: the cases of `Repeats` without repeats or spikes.
public struct StimulusLocking: Sendable, Equatable {
  public let p: Double
  public let trialCount: Int
  /// Spikes in the time bins that are used, and the number of these bins.
  public let spikes: Double
  public let binCount: Int

  public static let permutations = 499

  /// - Throws: the reason why the test is undefined.
  public init(_ repeats: Repeats, seed: UInt32 = 42) throws(Undefined) {
    if let obstacle = repeats.obstacle { throw obstacle }
    let bins = repeats.binCount
    // Valid time bins and counts of each trial.
    let trials = (0..<repeats.trialCount).map { trial -> (bins: [Int], counts: [Double]) in
      let own = (0..<bins).filter { repeats.isValid[trial * bins + $0] }
      return (own, own.map { repeats.counts[trial * bins + $0] })
    }.filter { $0.bins.count > 1 }
    guard trials.count > 1 else { throw .tooFewTrials }
    trialCount = trials.count
    spikes = trials.reduce(0) { $0 + $1.counts.reduce(0, +) }
    binCount = repeats.bins.count
    func statistic(_ turn: (Int) -> Int) -> Double {
      var sums = [Double](repeating: 0, count: bins)
      for trial in trials {
        let shift = turn(trial.bins.count)
        for (index, bin) in trial.bins.enumerated() {
          let from = index + shift
          sums[bin] += trial.counts[from < trial.counts.count ? from : from - trial.counts.count]
        }
      }
      let means = repeats.bins.map { sums[$0] / Double(repeats.trialsInBin[$0]) }
      return Moments.variance(means, missing: 0)
    }
    let observed = statistic { _ in 0 }
    var generator = NumpyGenerator(seed: seed)
    var reached = 0
    for _ in 0..<Self.permutations {
      let turned = statistic { generator.integer(below: $0) }
      // Counts are whole numbers, but equal sums can differ in their last digit.
      if turned >= observed * (1 - 1e-12) { reached += 1 }
    }
    p = Double(1 + reached) / Double(1 + Self.permutations)
  }
}
