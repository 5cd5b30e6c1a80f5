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
  public init(
    meanOf values: [Double], level: Double = Bootstrap.level, samples: Int = Bootstrap.samples,
    seed: UInt32 = Bootstrap.seed
  )
    throws(Undefined)
  {
    guard values.count >= 2, samples >= 1 else { throw .tooFewValues }
    let interval = Bootstrap.interval(of: values.count, level: level, samples: samples, seed: seed) { positions in
      positions.reduce(0) { $0 + values[$1] } / Double(values.count)
    }
    guard let interval else { throw .tooFewValues }
    mean = values.reduce(0, +) / Double(values.count)
    lower = interval.lower
    upper = interval.upper
    self.level = level
  }
}
