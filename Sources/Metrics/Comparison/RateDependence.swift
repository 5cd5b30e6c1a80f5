/// How a quantity of cells depends on their firing rate.
///
/// Formula: `correlation` is Spearman's correlation of the quantity with the rate (or its logarithm: the ranks are the same);
/// `topShare` is the sum of the quantity over the quarter of the cells with the highest rates, divided by its sum over all
/// cells. The quarter is rounded up; of equal rates the earlier cells belong to it.
/// Undefined: `correlation` as in `RankCorrelation`; `topShare` where the sum over all cells is not positive.
public struct RateDependence: Sendable, Equatable {
  public let correlation: RankCorrelation?
  public let topShare: Double?
  /// Number of cells with both a quantity and a rate.
  public let cells: Int
  /// Number of cells in the quarter with the highest rates.
  public let topCells: Int

  /// - Parameters:
  ///   - values: the quantity of each cell; nil where it is unknown.
  ///   - rates: the firing rates of the same cells.
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
