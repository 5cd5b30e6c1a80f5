import Base

/// Figures of one cell's responses to events.
package enum ResponseFigure {
  package static func rates(_ response: TriggeredResponse, of kind: EventKind) -> Figure {
    func hz(_ value: (TriggeredResponse.Bin) -> Double?) -> [Double] {
      response.bins.map { value($0).map { $0 * response.rateHz } ?? .nan }
    }
    var data = Figure.Series("data, with its 95% interval", x: response.times, y: hz(\.observed))
    data.band = .init(low: hz(\.low), high: hz(\.high))
    return Figure(
      "cell \(response.cid): rate \(kind == .trial ? "over" : "around") \(response.eventCount) \(kind.plural)",
      xLabel: xLabel(kind), yLabel: "firing rate (Hz)",
      series: [data, .init("model", x: response.times, y: hz(\.predicted))])
  }

  /// A point for each frame with a spike, the first event at the bottom; events without a valid bin of the cell have no row.
  package static func raster(_ predictions: Predictions, cell: Int, _ windows: EventWindows, of kind: EventKind)
    -> Figure
  {
    var x: [Double] = []
    var y: [Double] = []
    var masked = 0
    var frames = 0
    let width = predictions.cellCount
    var events = 0
    for places in windows.rows {
      func isValid(_ row: Int) -> Bool { predictions.mask.values[row * width + cell] > 0 }
      guard places.contains(where: { $0.contains(where: isValid) }) else { continue }
      events += 1
      for (bin, rows) in zip(windows.bins, places) {
        frames += rows.count
        masked += rows.count { !isValid($0) }
        for row in rows where isValid(row) && predictions.counts.values[row * width + cell] > 0 {
          x.append(windows.middle(bin) / predictions.rateHz * 1000)
          y.append(Double(events))
        }
      }
    }
    var figure = Figure(
      "cell \(predictions.cids[cell]): spikes by \(kind.rawValue)", xLabel: xLabel(kind),
      yLabel: "\(kind.rawValue), in order", series: x.isEmpty ? [] : [.init("spikes", x: x, y: y, style: .points)])
    let hidden = windows.eventCount - events
    let notes = [
      hidden > 0 ? "\(hidden) \(kind.plural) without a valid bin of this cell are left out" : nil,
      masked > 0 ? "\(masked) of \(frames) frames are masked: they are empty whether or not the cell fired" : nil,
    ].compactMap(\.self)
    figure.note = notes.isEmpty ? nil : notes.joined(separator: "; ")
    return figure
  }

  private static func xLabel(_ kind: EventKind) -> String {
    switch kind {
    case .saccade: "time from the saccade's onset (ms)"
    case .fixation: "time from the saccade's end (ms)"
    case .trial: "time from the trial's beginning (ms)"
    }
  }
}
