import Base
import Metrics

/// One cell's rates with gain and offset, every bin with the fit to the half of the bins that it is not in.
///
/// The fit is `Calibrator`'s. Undefined: where it gives no two halves.
package struct HeldOutScale: Sendable {
  /// For every row; the smallest rate where the offset would go below it.
  package let rates: [Float]
  /// Fitted to all bins.
  package let gain: Double
  package let offset: Double

  /// Gain and offset as `calibrate` shows them, with the offset in Hz beside counts/bin where the bin width is known.
  package func text(rateHz: Double) -> String {
    let hertz = rateHz.isFinite ? " (\(NumberText.of(offset * rateHz)) Hz)" : ""
    return "fitted to all trials: gain \(NumberText.of(gain)), offset \(NumberText.of(offset)) counts/bin\(hertz)"
  }

  /// - Parameter split: the halves; those of the predictions where nil.
  package init?(_ predictions: Predictions, split: HeldOutSplit? = nil, work: Work = .silent) throws {
    precondition(predictions.cellCount == 1, "one cell's predictions")
    let calibration = try Calibrator.calibrate(
      predictions, mode: .affine, split: split ?? HeldOutSplit(predictions), work: work)
    guard let cell = calibration.cells.first, cell.halves.count == 2, let gain = cell.gain else { return nil }
    self.gain = gain
    offset = cell.offset ?? 0
    rates = predictions.rescaled(by: calibration.rescalings, halves: calibration.bins?.of(predictions)).rates.values
  }
}
