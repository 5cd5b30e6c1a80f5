import Base
import Metrics

/// Figures of one cell's responses to events.
enum ResponseFigure {
  static func rates(_ response: TriggeredResponse, of kind: EventKind) -> Figure {
    func hz(_ value: (TriggeredResponse.Bin) -> Double?) -> [Double] {
      response.bins.map { value($0).map { $0 * response.rateHz } ?? .nan }
    }
    var data = Figure.Series("data, with its 95% interval", x: response.times, y: hz(\.observed))
    data.band = .init(low: hz(\.low), high: hz(\.high))
    return Figure(
      "cell \(response.cid): rate around \(response.eventCount) \(kind.plural)", xLabel: xLabel(kind), yLabel: "Hz",
      series: [data, .init("model", x: response.times, y: hz(\.predicted))])
  }

  /// A point for each frame with a spike, the first event at the bottom.
  static func raster(_ predictions: Predictions, cell: Int, _ windows: EventWindows, of kind: EventKind) -> Figure {
    var x: [Double] = []
    var y: [Double] = []
    var masked = 0
    var frames = 0
    let width = predictions.cellCount
    for (event, places) in windows.rows.enumerated() {
      for (bin, rows) in zip(windows.bins, places) {
        for row in rows {
          frames += 1
          guard predictions.mask.values[row * width + cell] > 0 else {
            masked += 1
            continue
          }
          guard predictions.counts.values[row * width + cell] > 0 else { continue }
          x.append(windows.middle(bin) / predictions.rateHz * 1000)
          y.append(Double(event + 1))
        }
      }
    }
    var figure = Figure(
      "cell \(predictions.cids[cell]): spikes by \(kind.rawValue)", xLabel: xLabel(kind),
      yLabel: "\(kind.rawValue), in order", series: x.isEmpty ? [] : [.init("spikes", x: x, y: y, style: .points)])
    figure.note = masked > 0 ? "\(masked) of \(frames) frames are masked: no point there is no answer" : nil
    return figure
  }

  private static func xLabel(_ kind: EventKind) -> String {
    switch kind {
    case .saccade: "ms from the saccade's onset"
    case .fixation: "ms from the saccade's end"
    case .trial: "ms from the trial's beginning"
    }
  }
}
