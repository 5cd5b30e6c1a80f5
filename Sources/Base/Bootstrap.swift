/// Percentile intervals by resampling with replacement.
///
/// Source: Efron and Tibshirani 1993, the percentile interval.
public enum Bootstrap {
  public static let level = 0.95
  public static let samples = 2000
  public static let seed: UInt32 = 1002

  /// The percentiles `(1 - level) / 2` and `(1 + level) / 2` of a statistic over resamples, linear between ranks. The
  /// same seed gives the same interval. Resamples in which the statistic has no value are left out.
  ///
  /// - Parameters:
  ///   - count: the number of values.
  ///   - statistic: takes `count` positions, some of them repeated, and gives the statistic of the values there; nil
  ///     where it is undefined.
  /// - Precondition: `level` lies between 0 and 1.
  /// - Returns: nil for fewer than two values, or where no resample has a value.
  public static func interval(
    of count: Int, level: Double = level, samples: Int = samples, seed: UInt32 = seed,
    statistic: ([Int]) throws -> Double?
  ) rethrows -> (lower: Double, upper: Double)? {
    guard count >= 2 else { return nil }
    var positions = Array(repeating: 0, count: count)
    return try interval(level: level, samples: samples, seed: seed) { generator in
      for index in positions.indices { positions[index] = draw(below: count, &generator) }
      return try statistic(positions)
    }
  }

  /// The same for a statistic that draws its own resample.
  ///
  /// - Returns: nil where no resample has a value.
  public static func interval(
    level: Double = level, samples: Int = samples, seed: UInt32 = seed,
    resample: (inout MersenneTwister) throws -> Double?
  ) rethrows -> (lower: Double, upper: Double)? {
    precondition(level > 0 && level < 1, "level \(level) is not between 0 and 1")
    guard samples >= 1 else { return nil }
    var generator = MersenneTwister(seed: seed)
    var statistics: [Double] = []
    statistics.reserveCapacity(samples)
    for _ in 0..<samples {
      if let value = try resample(&generator) { statistics.append(value) }
    }
    statistics.sort()
    guard let lower = Quantile.of(sorted: statistics, share: (1 - level) / 2),
      let upper = Quantile.of(sorted: statistics, share: (1 + level) / 2)
    else { return nil }
    return (lower, upper)
  }

  /// A random position below `count`; all are equally likely.
  public static func draw(below count: Int, _ generator: inout MersenneTwister) -> Int {
    // A word scaled by the count: the bias is below count / 2^64.
    Int(generator.next().multipliedFullWidth(by: UInt64(count)).high)
  }
}
