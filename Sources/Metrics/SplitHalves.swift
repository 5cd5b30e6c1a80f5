import Base

/// How well the mean responses of two random halves of the trials correlate.
///
/// Formula: the trials are put in random order and cut in the middle; Pearson correlation over the places at which both
/// halves have half of the trials that a place needs; the mean over splits.
/// Source: VisionCore's ccnorm with a seeded generator, split for split.
struct SplitHalves {
  /// Mean correlation; nil where no split has one.
  let correlation: Double?

  init(
    counts: [Double], isValid: [Bool], trialCount trials: Int, places: [Int], placeCount: Int, options: Repeats.Options
  ) {
    let needed = max(1, options.minimumTrials / 2)
    // Trial by place, only the places that count.
    func rows(_ value: (Int) -> Double) -> [[Double]] {
      (0..<trials).map { trial in
        places.map { isValid[trial * placeCount + $0] ? value(trial * placeCount + $0) : 0 }
      }
    }
    let counts = rows { counts[$0] }
    let valid = rows { _ in 1 }
    let countTotal = Self.sum(counts, over: Array(0..<trials), places.count)
    let validTotal = Self.sum(valid, over: Array(0..<trials), places.count)
    var generator = NumpyGenerator(seed: options.seed)
    var sum = 0.0
    var defined = 0
    for _ in 0..<(places.isEmpty ? 0 : options.splits) {
      let half = Array(generator.permutation(trials).prefix(trials / 2))
      let countSum = Self.sum(counts, over: half, places.count)
      let validSum = Self.sum(valid, over: half, places.count)
      var first: [Double] = []
      var second: [Double] = []
      for place in places.indices {
        let (n, m) = (validSum[place], validTotal[place] - validSum[place])
        guard n >= Double(needed), m >= Double(needed) else { continue }
        first.append(countSum[place] / n)
        second.append((countTotal[place] - countSum[place]) / m)
      }
      guard first.count >= Repeats.minimumPlaces, let r = Moments.correlation(first, second) else { continue }
      sum += r
      defined += 1
    }
    correlation = defined > 0 ? sum / Double(defined) : nil
  }

  /// Correlation of the mean response with the noiseless one: `sqrt(2 c / (1 + c))`, by Spearman and Brown.
  var ceiling: Double? {
    guard let correlation, correlation > 0 else { return nil }
    return (2 * correlation / (1 + correlation)).squareRoot()
  }

  private static func sum(_ rows: [[Double]], over indices: [Int], _ count: Int) -> [Double] {
    var sum = [Double](repeating: 0, count: count)
    for index in indices {
      let row = rows[index]
      for place in 0..<count { sum[place] += row[place] }
    }
    return sum
  }
}
