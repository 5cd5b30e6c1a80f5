/// How a quantity of cells goes with their firing rate.
///
/// Formula: `correlation` is Spearman's of the quantity with the rate (the same as with its logarithm); `topShare` is the sum
/// of the quantity over the quarter of the cells with the highest rates (rounded up; the earlier of equals), over its sum.
/// Undefined: `correlation` as in `RankCorrelation`; `topShare` where the sum is not positive.
public struct RateDependence: Sendable, Equatable {
  public let correlation: RankCorrelation?
  public let topShare: Double?
  /// Cells that have both.
  public let cells: Int
  /// How many of them are the quarter.
  public let topCells: Int

  /// - Parameters:
  ///   - values: one a cell; nil where it is unknown.
  ///   - rates: of the same cells.
  public init(_ values: [Double?], rates: [Double?]) {
    precondition(values.count == rates.count, "\(values.count) values and \(rates.count) rates")
    let pairs = zip(values, rates).compactMap { value, rate in
      value.flatMap { value in rate.map { (value: value, rate: $0) } }
    }
    cells = pairs.count
    topCells = (pairs.count + 3) / 4
    correlation = RankCorrelation(pairs.map(\.value), pairs.map(\.rate))
    let order = pairs.indices.sorted { (pairs[$0].rate, $1) > (pairs[$1].rate, $0) }
    let total = pairs.reduce(0) { $0 + $1.value }
    topShare = total > 0 ? order.prefix(topCells).reduce(0) { $0 + pairs[$1].value } / total : nil
  }
}
