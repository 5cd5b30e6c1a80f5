/// Size and spread of a tensor's values, computed in float64.
///
/// - Undefined: nil where a tensor has no finite value, or where the statistic would overflow.
public struct TensorStatistics: Sendable, Equatable {
  public let count: Int
  /// NaN and infinite values; all else is computed over the rest.
  public let notFinite: Int
  /// Euclidean length.
  public let norm: Double?
  public let mean: Double?
  /// Root mean square distance from the mean (divided by the count, as numpy's `std`).
  public let sd: Double?
  /// Fraction of all values that are exactly 0.
  public let zeros: Double?

  public init(_ values: [Double]) {
    count = values.count
    var zeroCount = 0
    var finite = 0
    var sum = 0.0
    var squares = 0.0
    for value in values where value.isFinite {
      finite += 1
      sum += value
      squares += value * value
      if value == 0 { zeroCount += 1 }
    }
    notFinite = values.count - finite
    zeros = values.isEmpty ? nil : Double(zeroCount) / Double(values.count)
    norm = finite > 0 && squares.isFinite ? squares.squareRoot() : nil
    guard finite > 0, sum.isFinite else {
      (mean, sd) = (nil, nil)
      return
    }
    // The second pass takes the mean off first: a large mean would drown a small spread.
    let center = sum / Double(finite)
    let spread = values.reduce(0.0) { $1.isFinite ? $0 + ($1 - center) * ($1 - center) : $0 }
    mean = center
    sd = spread.isFinite ? (spread / Double(finite)).squareRoot() : nil
  }
}
