import Base
import Foundation
import Metrics

/// The shift in time at which a cell's predicted rate fits its counts best.
///
/// Every shift has its own gain and offset, fitted on the other half of the bins, and is scored on the same bins: those
/// whose trial holds the predicted bin for all shifts. The rates of each half get the shift that is best on the other half, so
/// that choosing the best of many shifts does not improve the score by chance.
/// Units: bins; above 0 the cell responds later than its model.
/// Undefined: no valid bin with a spike that has all shifts, or nothing to scale.
package struct LatencyShift: Sendable {
  /// The best shift over all trials.
  package let bins: Int
  /// The scaled rates at the shift that is best on the other half of the bins; without a shift where a trial's edge leaves no
  /// shifted bin.
  package let rates: [Float]

  package static let limit = 8

  /// - Parameters:
  ///   - predictions: of one cell, rows ascending by frame.
  ///   - unshifted: the rates with gain and offset, without a shift.
  package init?(_ predictions: Predictions, unshifted: [Float], work: Work = .silent) throws {
    precondition(predictions.cellCount == 1 && unshifted.count == predictions.frameCount, "one cell's predictions")
    // How many rows before and after belong to the same run of frames.
    let count = predictions.frameCount
    var before = [Int](repeating: 0, count: count)
    for row in 0..<count where predictions.isConsecutive(row) { before[row] = before[row - 1] + 1 }
    var after = [Int](repeating: 0, count: count)
    for row in stride(from: count - 2, through: 0, by: -1) where predictions.isConsecutive(row + 1) {
      after[row] = after[row + 1] + 1
    }
    let rows = (0..<count).filter { before[$0] >= Self.limit && after[$0] >= Self.limit }
    guard !rows.isEmpty else { return nil }
    let kept = predictions.gathering(rows: rows)
    let series = MaskedSeries(kept, cell: 0)
    let split = HeldOutSplit(kept)
    var tried: [(bins: Int, rates: [Float])] = []
    for shift in -Self.limit...Self.limit {
      var shifted = kept
      shifted.rates = Tensor(shape: kept.rates.shape, values: rows.map { predictions.rates.values[$0 - shift] })
      if let scaled = try HeldOutScale(shifted, split: split, work: work) { tried.append((shift, scaled.rates)) }
    }
    func best(on rows: [Int]) -> (bins: Int, rates: [Float])? {
      tried.max { Self.likelihood($0.rates, series, rows) < Self.likelihood($1.rates, series, rows) }
    }
    guard let overall = best(on: Array(rows.indices)) else { return nil }
    bins = overall.bins
    var shifted = overall.rates
    for half in [0, 1] as [UInt8] {
      guard let choice = best(on: rows.indices.filter { split.halves[$0] != half && split.isFitted[$0] }) else {
        continue
      }
      for index in rows.indices where split.halves[index] == half { shifted[index] = choice.rates[index] }
    }
    var rates = unshifted
    for (row, rate) in zip(rows, shifted) { rates[row] = rate }
    self.rates = rates
  }

  /// Log-likelihood of the counts.
  private static func likelihood(_ rates: [Float], _ series: MaskedSeries, _ rows: [Int]) -> Double {
    rows.reduce(0) { sum, row in
      let loss = PoissonLikelihood.loss(rate: Double(rates[row]), count: Double(series.counts[row]))
      return sum - Double(series.mask[row]) * loss
    }
  }
}
