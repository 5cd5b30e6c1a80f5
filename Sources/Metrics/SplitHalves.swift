import Base

/// Correlation of the mean responses of two random halves of the trials.
///
/// Formula: the trials are shuffled and cut into two halves; Pearson's correlation of the halves' means is taken over the time
/// bins in which both halves have half of the trials that a bin needs, and averaged over splits.
/// Source: VisionCore's ccnorm with a seeded generator; every split is the same.
struct SplitHalves {
  /// Mean over splits; nil where no split has a correlation.
  let correlation: Double?

  /// - Throws: `interrupted` once the work is cancelled.
  init(
    counts: [Double], isValid: [Bool], trialCount trials: Int, bins: [Int], binCount: Int, options: Repeats.Options
  ) throws {
    let needed = max(1, options.minimumTrials / 2)
    // Trial by time bin, only the bins that are used.
    func rows(_ value: (Int) -> Double) -> [[Double]] {
      (0..<trials).map { trial in
        bins.map { isValid[trial * binCount + $0] ? value(trial * binCount + $0) : 0 }
      }
    }
    let counts = rows { counts[$0] }
    let valid = rows { _ in 1 }
    let countTotal = Self.sum(counts, over: Array(0..<trials), bins.count)
    let validTotal = Self.sum(valid, over: Array(0..<trials), bins.count)
    var generator = NumpyGenerator(seed: options.seed)
    var sum = 0.0
    var defined = 0
    for _ in 0..<(bins.isEmpty ? 0 : options.splits) {
      try Cancellation.current?.check()
      let half = Array(generator.permutation(trials).prefix(trials / 2))
      let countSum = Self.sum(counts, over: half, bins.count)
      let validSum = Self.sum(valid, over: half, bins.count)
      var first: [Double] = []
      var second: [Double] = []
      for bin in bins.indices {
        let (n, m) = (validSum[bin], validTotal[bin] - validSum[bin])
        guard n >= Double(needed), m >= Double(needed) else { continue }
        first.append(countSum[bin] / n)
        second.append((countTotal[bin] - countSum[bin]) / m)
      }
      guard first.count >= Repeats.minimumBins, let r = Moments.correlation(first, second) else { continue }
      sum += r
      defined += 1
    }
    correlation = defined > 0 ? sum / Double(defined) : nil
  }

  /// Estimated correlation of the mean response with the noiseless response: `sqrt(2 c / (1 + c))`, Spearman and Brown.
  var ceiling: Double? {
    guard let correlation, correlation > 0 else { return nil }
    return (2 * correlation / (1 + correlation)).squareRoot()
  }

  private static func sum(_ rows: [[Double]], over indices: [Int], _ count: Int) -> [Double] {
    var sum = [Double](repeating: 0, count: count)
    for index in indices {
      let row = rows[index]
      for bin in 0..<count { sum[bin] += row[bin] }
    }
    return sum
  }
}
