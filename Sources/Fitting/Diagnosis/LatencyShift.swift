import Base
import Foundation
import Metrics

/// The shift in time at which a cell's predicted rate tells its counts best.
///
/// Every shift is given its own gain and offset, fitted on the other half of the trials, and judged on the same bins: those
/// whose trial holds the predicted bin for all shifts.
/// Units: bins; above 0 the cell answers later than its model.
/// Undefined: no valid bin with a spike that has all shifts, or nothing to scale.
package struct LatencyShift: Sendable {
  package let bins: Int
  /// Predicted at the best shift, scaled; as it is, scaled, where a trial's edge leaves no shifted bin.
  package let rates: [Float]

  package static let limit = 8

  /// - Parameters:
  ///   - predictions: of one cell, rows ascending by frame.
  ///   - unshifted: the rates with gain and offset, as predicted in time.
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
    let all = Array(0..<rows.count)
    var best: (bins: Int, rates: [Float])?
    for shift in -Self.limit...Self.limit {
      var shifted = kept
      shifted.rates = Tensor(shape: kept.rates.shape, values: rows.map { predictions.rates.values[$0 - shift] })
      guard let scaled = try HeldOutScale(shifted, work: work) else { continue }
      guard let held = best else {
        best = (shift, scaled.rates)
        continue
      }
      if let gained = PairedLikelihood(scaled.rates, over: held.rates, of: series, rows: all, places: kept.trialBins),
        gained.difference > 0
      {
        best = (shift, scaled.rates)
      }
    }
    guard let best else { return nil }
    bins = best.bins
    var rates = unshifted
    for (row, rate) in zip(rows, best.rates) { rates[row] = rate }
    self.rates = rates
  }
}
