import Base
import Layers

/// What `mei` shows: how strongly windows excite a cell, beside the best window of the recording.
package struct ExcitingReport {
  package struct Window: Sendable {
    package var name: String
    package var values: [Float]
    /// Hz
    package var activation: Double

    package init(name: String, values: [Float], activation: Double) {
      self.name = name
      self.values = values
      self.activation = activation
    }
  }

  /// `cell 8 of Sim_2025-01-10: twin on sim/gaborium`
  package var title: String
  package var grid: FeatureShape
  package var rateHz: Double
  package var natural: Window
  package var found: [Window]
  /// Activation (Hz) of the best start after each step.
  package var course: [Double]
  package var note: String

  package init(
    title: String, grid: FeatureShape, rateHz: Double, natural: Window, found: [Window], course: [Double],
    note: String
  ) {
    self.title = title
    self.grid = grid
    self.rateHz = rateHz
    self.natural = natural
    self.found = found
    self.course = course
    self.note = note
  }

  /// The start with the largest activation; the first of them.
  package var best: Window? {
    found.reduce(nil) { best, next in best.map { next.activation > $0.activation ? next : $0 } ?? next }
  }

  package func make() -> Report {
    var sections = [Report.Section("numbers", .table(Self.shape.table(rows, note: note)))]
    guard let best else { return Report(title, sections) }
    sections.append(.init("most exciting window", .figure(images(best))))
    sections.append(.init("best natural window", .figure(images(natural))))
    sections.append(.init("contrast by lag", .figure(contrasts(best))))
    sections.append(
      .init(
        "ascent",
        .figure(
          Figure(
            "activation of the best start", xLabel: "step", yLabel: "firing rate (Hz)",
            series: [Figure.Series("best start", x: course.indices.map(Double.init), y: course)]))))
    return Report(title, sections)
  }

  // MARK: Numbers

  private struct Row {
    var window: Window
    var ratio: Double?
    var likeness: Double
    var peakLag: Int
    var contrast: Double
  }

  private static let shape = TableShape<Row>([
    .string("window", "The best natural window, or a start") { $0.window.name },
    .float("activation_hz", unit: "Hz", "Predicted firing rate") { $0.window.activation },
    .float("ratio", "Activation divided by that of the best natural window") { $0.ratio },
    .float("contrast", "Root mean square of the normalised pixels") { $0.contrast },
    .int("peak_lag", unit: "bins", "The lag whose frame has the most contrast") { $0.peakLag },
    .float("similarity", "Cosine between the window and the best start") { $0.likeness },
  ])

  private var rows: [Row] {
    ([natural] + found).map { window in
      let contrasts = grid.contrastByLag(window.values)
      return Row(
        window: window, ratio: natural.activation > 0 ? window.activation / natural.activation : nil,
        likeness: best.map { WindowAscent.cosine(window.values, $0.values) } ?? 0,
        peakLag: contrasts.indices.reduce(0) { contrasts[$1] > contrasts[$0] ? $1 : $0 },
        contrast: WindowAscent.contrast(window.values))
    }
  }

  // MARK: Figures

  /// Lags that are drawn, evenly over the window.
  private var shownLags: [Int] {
    let count = min(8, grid.time)
    return (0..<count).map { $0 * grid.time / count }
  }

  /// Frames of a window in rows of four, on one symmetric scale.
  private func images(_ window: Window) -> Figure {
    let lags = shownLags
    let across = min(4, lags.count)
    let down = (lags.count + across - 1) / across
    let (height, width) = (grid.height + 1, grid.width + 1)
    var values = [Double](repeating: .nan, count: (down * height - 1) * (across * width - 1))
    for (index, lag) in lags.enumerated() {
      let (top, left) = (index / across * height, index % across * width)
      for (pixel, value) in grid.image(window.values, lag: lag).enumerated() {
        values[(top + pixel / grid.width) * (across * width - 1) + left + pixel % grid.width] = Double(value)
      }
    }
    var map = Figure.Map(rows: down * height - 1, columns: across * width - 1, values: values)
    map.label = "normalised pixel (0: grey)"
    var figure = Figure(
      "\(window.name): \(NumberText.rounded(window.activation, decimals: 1)) Hz", xLabel: "horizontal position (px)",
      yLabel: "vertical position (px)", map: map)
    let rows = stride(from: 0, to: lags.count, by: across).map { row in
      lags[row..<min(row + across, lags.count)].map { "\($0)" }.joined(separator: ", ")
    }
    figure.note = "lags in bins, from the left: \(rows.joined(separator: "; below: "))"
    return figure
  }

  private func contrasts(_ best: Window) -> Figure {
    let series = [best, natural].map { window in
      Figure.Series(
        window.name, x: (0..<grid.time).map { Double($0) / rateHz * 1000 }, y: grid.contrastByLag(window.values))
    }
    return Figure("contrast by lag", xLabel: "lag (ms)", yLabel: "contrast (RMS)", series: series)
  }
}
