import Base

/// One cell's tuning to gratings, data and model.
package struct TunedCell: Sendable {
  package let cid: CellID
  package let spikes: Double
  package let data: GratingTuning
  package let model: GratingTuning

  /// - Parameters: as `GratingTuning` has them; `cell` is a position.
  package init(
    _ predictions: Predictions, cell: Int, conditions: GratingConditions, stretches: [Int], phase: [Double]?,
    lags: ClosedRange<Int>
  ) {
    let series = MaskedSeries(predictions, cell: cell)
    func responses(_ values: [Float]) -> [Double?] {
      values.indices.map { series.mask[$0] > 0 ? Double(values[$0]) : nil }
    }
    func tuning(_ values: [Float]) -> GratingTuning {
      GratingTuning(
        responses: responses(values), frames: predictions.frames, conditions: conditions, stretches: stretches,
        phase: phase, lags: lags)
    }
    cid = predictions.cids[cell]
    spikes = responses(series.counts).reduce(0) { $0 + ($1 ?? 0) }
    data = tuning(series.counts)
    model = tuning(series.rates)
  }

  /// Correlation of data and model over the conditions that both have.
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
