import Base

/// Two halves of the rows of a set of predictions, for fitting on one and scoring on the other.
///
/// With trials: the distinct trials in ascending order, alternating between the halves, so that slow drift falls on
/// both alike. Without: contiguous blocks of one second in row order, alternating; shorter ones where the rows make
/// less than two seconds. Neighbouring bins are never torn apart, because rates and counts are correlated over bins.
package enum TrialHalves {
  /// 0 or 1 for each row.
  package static func assign(_ predictions: Predictions) -> [UInt8] {
    if let trials = predictions.trials {
      let order = Set(trials).sorted()
      if order.count >= 2 {
        let position = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        return trials.map { UInt8(truncatingIfNeeded: (position[$0] ?? 0) % 2) }
      }
    }
    let rows = predictions.frameCount
    let second = predictions.rateHz.isFinite ? Int(max(1, min(predictions.rateHz.rounded(), 1e6))) : 1
    let length = max(1, min(second, rows / 2))
    return (0..<rows).map { UInt8(truncatingIfNeeded: $0 / length % 2) }
  }
}
