import Base

/// Prediction and response of one cell, bin by bin.
///
/// Shapes: `rates`, `counts`, `mask` are `[time]`.
/// Units: predicted and observed counts per bin; the mask is 1 where the bin is valid, otherwise 0.
public struct MaskedSeries: Sendable, Equatable {
  public var rates: [Float]
  public var counts: [Float]
  public var mask: [Float]
  public var rateHz: Double

  public init(rates: [Float], counts: [Float], mask: [Float]? = nil, rateHz: Double = 1) {
    let mask = mask ?? [Float](repeating: 1, count: rates.count)
    precondition(
      rates.count == counts.count && mask.count == rates.count,
      "series of \(rates.count) rates, \(counts.count) counts, \(mask.count) mask values")
    self.rates = rates
    self.counts = counts
    self.mask = mask
    self.rateHz = rateHz
  }

  /// Cell `cell` (an index, not a cid) of `predictions`.
  public init(_ predictions: Predictions, cell: Int) {
    self.init(
      rates: predictions.rates.column(cell), counts: predictions.counts.column(cell),
      mask: predictions.mask.column(cell), rateHz: predictions.rateHz)
  }

  /// The sums from which all metrics of single bins follow.
  public var sums: MaskedSums {
    var sums = MaskedSums(rateHz: rateHz)
    for i in rates.indices { sums.add(rate: rates[i], count: counts[i], mask: mask[i]) }
    return sums
  }
}
