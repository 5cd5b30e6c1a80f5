import Base
import Fitting

extension Calibration {
  /// Every cell's rates under its own gain and offset, or the shared ones; cells without numbers keep theirs.
  func apply(to predictions: Predictions) -> Predictions {
    var result = predictions
    for (column, cid) in predictions.cids.enumerated() {
      guard let cell = cells.first(where: { $0.cid == cid }),
        let scale = shared ?? cell.gain.map({ GainOffset(gain: $0, offset: cell.offset ?? 0) })
      else { continue }
      for row in 0..<predictions.frameCount {
        let index = row * predictions.cellCount + column
        result.rates.values[index] = scale.applied(to: predictions.rates.values[index])
      }
    }
    return result
  }
}
