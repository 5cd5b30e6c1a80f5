import Base
import Foundation

/// A run of consecutive bins of one trial, and how well a cell is predicted in it.
public struct Stretch: Sendable, Equatable {
  /// The rows of the predictions.
  public var rows: Range<Int>
  /// Log-likelihood above a constant rate, bits per bin.
  public var bitsPerBin: Double

  /// The stretches of `length` bins in which a cell is predicted worst and best; nil where no run of bins is that long.
  ///
  /// Rows are consecutive where frame and trial are. Nine of ten bins of a stretch must be valid, and the best stretch must have
  /// a spike. The score is sum d [(y ln(r + 1e-8) - r) - (y ln(m + 1e-8) - m)] / (length ln 2), where m is the cell's mean
  /// count over all its valid bins: these are the terms of bits per spike.
  public static func extremes(_ predictions: Predictions, cell: Int, length: Int) -> (worst: Stretch, best: Stretch)? {
    let rows = predictions.frameCount
    guard length > 0, rows >= length else { return nil }
    let series = MaskedSeries(predictions, cell: cell)
    var bins = 0.0
    var spikes = 0.0
    for row in 0..<rows where series.mask[row] > 0 {
      bins += 1
      spikes += Double(series.counts[row])
    }
    guard bins > 0, spikes > 0 else { return nil }
    let mean = spikes / bins
    var gain = [0.0]
    var valid = [0.0]
    var counted = [0.0]
    var breaks = [0]
    for row in 0..<rows {
      let isValid = series.mask[row] > 0
      let y = Double(series.counts[row])
      let r = Double(series.rates[row])
      let score = isValid ? (y * log(r + 1e-8) - r) - (y * log(mean + 1e-8) - mean) : 0
      gain.append(gain[row] + score)
      valid.append(valid[row] + (isValid ? 1 : 0))
      counted.append(counted[row] + (isValid ? y : 0))
      let follows =
        predictions.isConsecutive(row)
      breaks.append(breaks[row] + (row > 0 && !follows ? 1 : 0))
    }
    var worst: Stretch?
    var best: Stretch?
    for start in 0...(rows - length) {
      let end = start + length
      // A gap before the first row lies outside of the stretch.
      guard breaks[end] == breaks[start + 1], valid[end] - valid[start] >= 0.9 * Double(length) else { continue }
      let score = (gain[end] - gain[start]) / (Double(length) * log(2))
      guard score.isFinite else { continue }
      let stretch = Stretch(rows: start..<end, bitsPerBin: score)
      if score < worst?.bitsPerBin ?? .infinity { worst = stretch }
      if score > best?.bitsPerBin ?? -.infinity, counted[end] > counted[start] { best = stretch }
    }
    guard let worst else { return nil }
    return (worst, best ?? worst)
  }
}
