import Base

/// An interval for the mean of values (e.g. one a cell) by resampling them with replacement.
///
/// Formula: the percentiles `(1 - level) / 2` and `(1 + level) / 2` of the resampled means, linear between ranks.
/// Undefined: fewer than two values.
/// Source: Efron and Tibshirani 1993, the percentile interval.
public struct BootstrapInterval: Sendable, Equatable {
  public var mean: Double
  public var lower: Double
  public var upper: Double
  public var level: Double

  /// The same seed gives the same interval.
  ///
  /// - Throws: `Undefined.tooFewValues`.
  public init(meanOf values: [Double], level: Double = 0.95, samples: Int = 2000, seed: UInt32 = 1002)
    throws(Undefined)
  {
    guard values.count >= 2, samples >= 1 else { throw .tooFewValues }
    precondition(level > 0 && level < 1, "level \(level) is not between 0 and 1")
    var generator = MersenneTwister(seed: seed)
    let count = UInt64(values.count)
    var means: [Double] = []
    means.reserveCapacity(samples)
    for _ in 0..<samples {
      var sum = 0.0
      for _ in values.indices {
        // A word scaled by the count: the bias is below count / 2^64.
        sum += values[Int(generator.next().multipliedFullWidth(by: count).high)]
      }
      means.append(sum / Double(values.count))
    }
    means.sort()
    mean = values.reduce(0, +) / Double(values.count)
    lower = Self.percentile((1 - level) / 2, of: means)
    upper = Self.percentile((1 + level) / 2, of: means)
    self.level = level
  }

  private static func percentile(_ fraction: Double, of sorted: [Double]) -> Double {
    let place = fraction * Double(sorted.count - 1)
    let below = Int(place)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }
}
