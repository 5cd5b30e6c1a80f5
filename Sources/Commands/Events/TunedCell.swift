import Base
import Metrics
import Recordings
import Session

/// One cell's tuning, data and model.
struct TunedCell {
  var cid: CellID
  var spikes: Double
  var data: GratingTuning
  var model: GratingTuning

  init(
    _ predictions: Predictions, cell: Int, conditions: GratingConditions, gratings: Gratings, clock: FrameClock,
    lags: ClosedRange<Int>
  ) {
    let series = MaskedSeries(predictions, cell: cell)
    func responses(_ values: [Float]) -> [Double?] {
      values.indices.map { series.mask[$0] > 0 ? Double(values[$0]) : nil }
    }
    func tuning(_ values: [Float]) -> GratingTuning {
      GratingTuning(
        responses: responses(values), frames: predictions.frames, conditions: conditions, stretches: clock.stretches,
        phase: gratings.phase, lags: lags)
    }
    cid = predictions.cids[cell]
    spikes = responses(series.counts).reduce(0) { $0 + ($1 ?? 0) }
    data = tuning(series.counts)
    model = tuning(series.rates)
  }

  /// How alike data and model are over the conditions that both have.
  var correlation: Double? {
    let pairs = zip(data.means, model.means).compactMap { a, b in a.flatMap { a in b.map { (a, $0) } } }
    return pairs.count > 2 ? Moments.correlation(pairs.map(\.0), pairs.map(\.1)) : nil
  }

  var reason: String? {
    let own = data.reason?.rawValue
    guard let other = model.reason?.rawValue, other != own else { return own }
    return [own, "model: \(other)"].compactMap(\.self).joined(separator: "; ")
  }
}
