import Base

/// Whether a cell answers a repeated stimulus at all: a permutation test, without a model.
///
/// Formula: the statistic is the variance over places of the mean response; its null turns every trial by a random amount in
/// time, which keeps each trial's count and course and breaks what ties them to the stimulus. `p = (1 + k) / (1 + n)`, k of
/// n turned statistics at least as large.
/// Undefined: what `Repeats` says of cells without repeats or spikes.
public struct StimulusLocking: Sendable, Equatable {
  public let p: Double
  public let trialCount: Int

  public static let permutations = 499

  /// - Throws: the reason for which nothing can be said.
  public init(_ repeats: Repeats, seed: UInt32 = 42) throws(Undefined) {
    if let obstacle = repeats.obstacle { throw obstacle }
    let places = repeats.placeCount
    // Each trial's valid places and counts.
    let trials = (0..<repeats.trialCount).map { trial -> (places: [Int], counts: [Double]) in
      let own = (0..<places).filter { repeats.isValid[trial * places + $0] }
      return (own, own.map { repeats.counts[trial * places + $0] })
    }.filter { $0.places.count > 1 }
    guard trials.count > 1 else { throw .tooFewTrials }
    trialCount = trials.count
    func statistic(_ turn: (Int) -> Int) -> Double {
      var sums = [Double](repeating: 0, count: places)
      for trial in trials {
        let shift = turn(trial.places.count)
        for (index, place) in trial.places.enumerated() {
          let from = index + shift
          sums[place] += trial.counts[from < trial.counts.count ? from : from - trial.counts.count]
        }
      }
      let means = repeats.places.map { sums[$0] / Double(repeats.trialsAtPlace[$0]) }
      return Moments.variance(means, missing: 0)
    }
    let observed = statistic { _ in 0 }
    var generator = NumpyGenerator(seed: seed)
    var reached = 0
    for _ in 0..<Self.permutations {
      let turned = statistic { generator.integer(below: $0) }
      // Counts are whole numbers: equal sums may differ in their last digit.
      if turned >= observed * (1 - 1e-12) { reached += 1 }
    }
    p = Double(1 + reached) / Double(1 + Self.permutations)
  }
}
