import Base
import Foundation
import Kernels

/// Sums over the valid bins of one cell, in float64, from which all metrics of single bins follow.
///
/// A bin is valid where its mask is above 0; the mask is its weight. Values in other bins are ignored, NaN included.
public struct MaskedSums: Sendable, Equatable {
  /// Bins per second.
  public var rateHz: Double
  private var sums = BinSums()

  /// Bins with a mask above 0.
  public var validBins: Int { Int(sums.bins) }
  /// Sum of d.
  public var weight: Double { sums.weight }
  /// Sum of d y ln(r + 1e-8). Bins without spikes add 0, so their logarithm is not computed.
  public var countLogRate: Double { sums.countLogRate }
  /// Sum of d y ln(r), without the 1e-8; minus infinity where a bin with spikes has a rate of 0.
  public var countLogExactRate: Double { sums.countLogExactRate }
  /// Sum of d y ln(y).
  public var countLogCount: Double { sums.countLogCount }
  /// Sum of d ln(y!).
  public var logFactorials: Double { sums.logFactorials }

  /// Keeps the logarithm finite where a rate is 0.
  public static let rateFloor = 1e-8

  public init(rateHz: Double = 1) { self.rateHz = rateHz }

  @inline(__always)
  public mutating func add(rate: Float, count: Float, mask: Float) {
    guard mask > 0 else { return }
    let d = Double(mask)
    let r = Double(rate)
    let y = Double(count)
    // Moments are sums of differences from the first valid bin, so that a constant series has a variance of exactly 0 and
    // a large mean loses no precision.
    if sums.bins == 0 {
      sums.originRate = r
      sums.originCount = y
    }
    sums.bins += 1
    sums.weight += d
    let dr = r - sums.originRate
    let dy = y - sums.originCount
    sums.rate += d * dr
    sums.count += d * dy
    sums.rateSquares += d * dr * dr
    sums.countSquares += d * dy * dy
    sums.products += d * dr * dy
    if r < sums.lowestRate { sums.lowestRate = r }
    guard y != 0 else { return }
    sums.countLogRate += d * y * log(r + Self.rateFloor)
    sums.countLogExactRate += d * y * log(r)
    guard y != 1 else { return }
    sums.countLogCount += d * y * log(y)
    sums.logFactorials += d * lgamma(y + 1)
  }

  /// Sum of d r: the predicted spikes.
  public var rates: Double { weight > 0 ? sums.rate + weight * sums.originRate : 0 }
  /// Sum of d y: the observed spikes.
  public var counts: Double { weight > 0 ? sums.count + weight * sums.originCount : 0 }
  /// Mean count per valid bin. NaN where all bins are masked.
  public var meanCount: Double { counts / weight }

  /// Sum of d (r - mean r)^2.
  public var rateVariation: Double { weight > 0 ? sums.rateSquares - sums.rate * sums.rate / weight : 0 }
  /// Sum of d (y - mean y)^2.
  public var countVariation: Double { weight > 0 ? sums.countSquares - sums.count * sums.count / weight : 0 }
  /// Sum of d (r - mean r) (y - mean y).
  public var covariation: Double { weight > 0 ? sums.products - sums.rate * sums.count / weight : 0 }

  /// Why no metric can score the prediction; nil where some can.
  public var obstacle: Undefined? {
    if validBins == 0 { return .allMasked }
    if !sums.countSquares.isFinite { return .responseNotFinite }
    if !sums.rateSquares.isFinite { return .notFinite }
    if sums.lowestRate + Self.rateFloor <= 0 { return .negativePrediction }
    return nil
  }

  /// The sums of every cell of `predictions`, in the order of its cids.
  public static func of(_ predictions: Predictions) -> [MaskedSums] {
    var sums = [MaskedSums](repeating: MaskedSums(rateHz: predictions.rateHz), count: predictions.cellCount)
    add(rates: predictions.rates, counts: predictions.counts, mask: predictions.mask, to: &sums)
    return sums
  }

  /// Adds bins of every cell. Stretches added one after the other give the same sums as the whole, bit for bit.
  ///
  /// - Shapes: `[time, cell]`; `sums` has one entry for each cell
  public static func add(rates: Tensor, counts: Tensor, mask: Tensor, to sums: inout [MaskedSums]) {
    let cells = sums.count
    precondition(
      rates.shape == [rates.shape[0], cells] && counts.shape == rates.shape && mask.shape == rates.shape,
      "rates \(rates.shape), counts \(counts.shape), mask \(mask.shape) for \(cells) cells")
    var own = sums.map(\.sums)
    BinSums.add(
      rates: rates.values, counts: counts.values, mask: mask.values, floor: Self.rateFloor, to: &own)
    for cell in sums.indices { sums[cell].sums = own[cell] }
  }
}
