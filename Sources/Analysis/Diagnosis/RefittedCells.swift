import Base
import Fitting

/// New readouts of single cells on a twin's own core: how much a refit would improve them.
package struct RefittedCells {
  /// A cell's new readout and what it predicts.
  struct Cell {
    var readout: CellReadout
    /// By row of the predictions; NaN where the row was fitted, as predicted where it shows a frame that was fitted.
    var rates: [Float]
  }

  /// By place among the diagnosed cells.
  let cells: [Cell]
  /// Why there are none.
  let reason: String?

  /// Penalty on the squared feature weights: prevents overfitting to one cell's few spikes.
  private static let penalty = 0.003

  package static func none(_ reason: String) -> RefittedCells { RefittedCells(cells: [], reason: reason) }

  private init(cells: [Cell], reason: String?) {
    self.cells = cells
    self.reason = reason
  }

  /// Fits on the training rows and predicts the held-out rows.
  ///
  /// - Parameters:
  ///   - features: one row for each row of `predictions`.
  ///   - cells: positions of the cells to fit.
  ///   - seen: rows that show frames that were fitted: the refit neither gains nor loses there.
  package init(
    on features: some FeatureSource, predictions: Predictions, cells: [Int], trainRows: [Int], heldOut: [Int],
    seen: [Int], work: Work
  ) throws {
    let chosen = predictions.selecting(cells: cells)
    let readouts = try ReadoutRefit.fit(
      features: features, counts: chosen.counts, mask: chosen.mask, trainRows: trainRows,
      valRows: heldOut, options: ReadoutRefitOptions(l2: Self.penalty), work: work)
    let predicted = try CellReadout.rates(of: readouts, on: features, rows: heldOut, work: work)
    self.cells = zip(readouts, predicted).enumerated().map { place, made in
      let (readout, predicted) = made
      var rates = [Float](repeating: .nan, count: predictions.frameCount)
      for (row, rate) in zip(heldOut, predicted) { rates[row] = rate }
      for row in seen { rates[row] = chosen.rates.values[row * cells.count + place] }
      return Cell(readout: readout, rates: rates)
    }
    reason = nil
  }
}
