import Base
import Foundation

/// Sums over the valid bins of one cell, in float64, from which all metrics of single bins follow.
///
/// A bin is valid where its mask is above 0; the mask is its weight. Values in other bins are ignored, NaN included.
public struct MaskedSums: Sendable, Equatable {
  /// Bins per second.
  public var rateHz: Double
  /// Bins with a mask above 0.
  public private(set) var validBins = 0
  /// Sum of d.
  public private(set) var weight = 0.0
  /// Sum of d y ln(r + 1e-8). Bins without spikes add 0, so their logarithm is not computed.
  public private(set) var countLogRate = 0.0
  /// Sum of d y ln(r), without the 1e-8; minus infinity where a bin with spikes has a rate of 0.
  public private(set) var countLogExactRate = 0.0
  /// Sum of d y ln(y).
  public private(set) var countLogCount = 0.0
  /// Sum of d ln(y!).
  public private(set) var logFactorials = 0.0
  /// The first valid prediction and count. Moments are sums of differences from them, so that a constant series has a
  /// variance of exactly 0 and a large mean loses no precision.
  private var originRate = 0.0
  private var originCount = 0.0
  private var rateSum = 0.0
  private var countSum = 0.0
  private var rateSquares = 0.0
  private var countSquares = 0.0
  private var products = 0.0
  private var lowestRate = Double.infinity

  /// Keeps the logarithm finite where a rate is 0.
  public static let rateFloor = 1e-8

  public init(rateHz: Double = 1) { self.rateHz = rateHz }

  @inline(__always)
  public mutating func add(rate: Float, count: Float, mask: Float) {
    guard mask > 0 else { return }
    let d = Double(mask)
    let r = Double(rate)
    let y = Double(count)
    if validBins == 0 {
      originRate = r
      originCount = y
    }
    validBins += 1
    weight += d
    let dr = r - originRate
    let dy = y - originCount
    rateSum += d * dr
    countSum += d * dy
    rateSquares += d * dr * dr
    countSquares += d * dy * dy
    products += d * dr * dy
    if r < lowestRate { lowestRate = r }
    guard y != 0 else { return }
    countLogRate += d * y * log(r + Self.rateFloor)
    countLogExactRate += d * y * log(r)
    guard y != 1 else { return }
    countLogCount += d * y * log(y)
    logFactorials += d * lgamma(y + 1)
  }

  /// Sum of d r: the predicted spikes.
  public var rates: Double { weight > 0 ? rateSum + weight * originRate : 0 }
  /// Sum of d y: the observed spikes.
  public var counts: Double { weight > 0 ? countSum + weight * originCount : 0 }
  /// Mean count per valid bin. NaN where all bins are masked.
  public var meanCount: Double { counts / weight }

  /// Sum of d (r - mean r)^2.
  public var rateVariation: Double { weight > 0 ? rateSquares - rateSum * rateSum / weight : 0 }
  /// Sum of d (y - mean y)^2.
  public var countVariation: Double { weight > 0 ? countSquares - countSum * countSum / weight : 0 }
  /// Sum of d (r - mean r) (y - mean y).
  public var covariation: Double { weight > 0 ? products - rateSum * countSum / weight : 0 }

  /// Why no metric can score the prediction; nil where some can.
  public var obstacle: Undefined? {
    if validBins == 0 { return .allMasked }
    if !countSquares.isFinite { return .responseNotFinite }
    if !rateSquares.isFinite { return .notFinite }
    if lowestRate + Self.rateFloor <= 0 { return .negativePrediction }
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
    let rateValues = rates.values.span
    let countValues = counts.values.span
    let maskValues = mask.values.span
    var all = sums.mutableSpan
    var start = 0
    for _ in 0..<rates.shape[0] {
      for cell in 0..<cells {
        all[cell].add(
          rate: rateValues[start + cell], count: countValues[start + cell], mask: maskValues[start + cell])
      }
      start += cells
    }
  }
}
