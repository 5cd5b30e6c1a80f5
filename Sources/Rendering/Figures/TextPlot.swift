import Base
import Foundation

/// Series over two axes, with tick numbers, axis labels and a legend.
struct TextPlot {
  private let figure: Figure
  private let unicode: Bool
  private let colour: Bool
  /// Series drawn as filled columns.
  private let filled: Set<Int>

  private static let colours: [Escape.Style] = [.cyan, .yellow, .magenta, .green, .red, .blue]

  init(figure: Figure, unicode: Bool, colour: Bool) {
    self.figure = figure.withLogarithms
    self.unicode = unicode
    self.colour = colour
    let bars = figure.series.indices.filter { figure.series[$0].style == .bars }
    let steps = figure.series.indices.filter { figure.series[$0].style == .steps }
    filled = Set(!bars.isEmpty || figure.series.count < 2 ? bars : Array(steps.prefix(1)))
  }

  func lines(width: Int, height: Int) -> [String] {
    let finite = figure.heights
    guard
      let vertical = figure.hasDiagonal
        ? figure.commonScale(tickCount: max(2, height / 3))
        : figure.yIsLogarithmic
          ? AxisScale(logarithms: finite, isRounded: true, tickCount: max(2, height / 3))
          : AxisScale(finite, includesZero: !filled.isEmpty, isRounded: true, tickCount: max(2, height / 3)),
      case let extent = figure.hasDiagonal ? [vertical.low, vertical.high] : horizontalExtent(),
      let horizontal = figure.xIsLogarithmic
        ? AxisScale(logarithms: extent, isRounded: false, tickCount: max(2, width / 14))
        : AxisScale(extent, isRounded: false, tickCount: max(2, width / 14))
    else { return ["no data"] }

    let labels = vertical.ticks.map(vertical.label)
    let margin = (labels.map(\.count).max() ?? 1) + 1
    let columns = max(8, width - margin - 1)
    var canvas = BrailleCanvas(columns: columns, rows: height)
    if figure.hasDiagonal {
      var phase = 0
      canvas.line(
        from: (canvas.dotColumn(0), canvas.dotRow(0)), to: (canvas.dotColumn(1), canvas.dotRow(1)),
        owner: BrailleCanvas.noOwner, dash: BrailleCanvas.Dash.all[2], phase: &phase)
    }
    for index in figure.series.indices where filled.contains(index) {
      fill(figure.series[index], index, on: &canvas, horizontal, vertical)
    }
    for index in figure.series.indices where figure.series[index].band != nil {
      dotEnds(of: figure.series[index], index, on: &canvas, horizontal, vertical)
    }
    for index in figure.series.indices where !filled.contains(index) {
      trace(figure.series[index], index, on: &canvas, horizontal, vertical)
    }

    var out: [String] = []
    if !figure.yLabel.isEmpty { out.append(dim(cut(SafeText.line(figure.yLabel), width))) }
    var labelOfRow: [Int: String] = [:]
    for (tick, label) in zip(vertical.ticks, labels) {
      labelOfRow[canvas.dotRow(vertical.position(tick)) / 4] = label
    }
    for (row, text) in canvas.lines(unicode: unicode, paint: paint).enumerated() {
      let label = DisplayWidth.padded(labelOfRow[row] ?? "", to: margin - 1, right: true)
      let axis = unicode ? (labelOfRow[row] == nil ? "│" : "┤") : (labelOfRow[row] == nil ? "|" : "+")
      out.append(trimmed(dim(label + " " + axis) + text))
    }
    out += horizontalAxis(horizontal, canvas, margin: margin)
    if figure.series.count > 1 { out += legend(margin: margin, width: width) }
    return out
  }

  /// The x range: all x with a known y, with the width of bars and steps.
  private func horizontalExtent() -> [Double] {
    var out: [Double] = []
    for series in figure.series {
      let known = series.x.indices.filter { series.isKnown($0) }.map { series.x[$0] }
      guard let low = known.min(), let high = known.max() else { continue }
      let spacing = series.spacing
      switch series.style {
      case .bars: out += [low - spacing / 2, high + spacing / 2]
      case .steps: out += [low, high + spacing]
      case .line, .points: out += [low, high]
      }
    }
    return out
  }

  private func fill(
    _ series: Figure.Series, _ owner: Int, on canvas: inout BrailleCanvas, _ horizontal: AxisScale,
    _ vertical: AxisScale
  ) {
    let base = figure.yIsLogarithmic ? 0 : min(1, max(0, vertical.position(0)))
    let spacing = series.spacing
    for index in series.x.indices where series.isKnown(index) {
      let x = series.x[index]
      let left = series.style == .bars ? x - spacing / 2 : x
      let first = BrailleCanvas.index(horizontal.position(left), of: canvas.columns + 1)
      let end = BrailleCanvas.index(horizontal.position(left + spacing), of: canvas.columns + 1)
      // Wide bars are separated by gaps; steps and narrow bars touch.
      let gap = series.style == .bars && end - first > 2 ? 1 : 0
      for column in min(first, canvas.columns - 1)..<max(min(first, canvas.columns - 1) + 1, end - gap) {
        canvas.fill(column: column, from: base, to: vertical.position(series.y[index]), owner: owner)
      }
    }
  }

  private func trace(
    _ series: Figure.Series, _ owner: Int, on canvas: inout BrailleCanvas, _ horizontal: AxisScale,
    _ vertical: AxisScale
  ) {
    let spacing = series.spacing
    let rank = traceRank(owner)
    let dash = BrailleCanvas.Dash.all[rank % BrailleCanvas.Dash.all.count]
    var phase = 0
    var last: (column: Int, row: Int)?
    for index in series.x.indices {
      guard series.isKnown(index) else {
        last = nil
        continue
      }
      let place = (
        column: canvas.dotColumn(horizontal.position(series.x[index])),
        row: canvas.dotRow(vertical.position(series.y[index]))
      )
      switch series.style {
      case .points:
        if rank == 0, !hasFewPoints {
          canvas.dot(column: place.column, row: place.row, owner: owner)
        } else {
          canvas.marker(marker(owner, rank), column: place.column, row: place.row, owner: owner)
        }
        continue
      case .steps, .bars:
        let end = canvas.dotColumn(horizontal.position(series.x[index] + spacing))
        if let last { canvas.line(from: last, to: place, owner: owner, dash: dash, phase: &phase) }
        canvas.line(from: place, to: (end, place.row), owner: owner, dash: dash, phase: &phase)
        last = (end, place.row)
      case .line:
        canvas.line(from: last ?? place, to: place, owner: owner, dash: dash, phase: &phase)
        last = place
      }
    }
  }

  /// Both ends of a band, as sparse dots.
  private func dotEnds(
    of series: Figure.Series, _ owner: Int, on canvas: inout BrailleCanvas, _ horizontal: AxisScale,
    _ vertical: AxisScale
  ) {
    guard let band = series.band else { return }
    for values in [band.low, band.high] {
      for places in series.bandRuns {
        var phase = 0
        var last: (column: Int, row: Int)?
        for index in places {
          let place = (
            column: canvas.dotColumn(horizontal.position(series.x[index])),
            row: canvas.dotRow(vertical.position(values[index]))
          )
          canvas.line(from: last ?? place, to: place, owner: owner, dash: .sparse, phase: &phase)
          last = place
        }
      }
    }
  }

  /// Whether there are so few points that a single dot would be overlooked.
  private var hasFewPoints: Bool {
    figure.series.reduce(0) { $0 + ($1.style == .points ? $1.x.count : 0) } <= 200
  }

  private func marker(_ owner: Int, _ rank: Int) -> Character {
    rank == 0 && unicode ? "•" : BrailleCanvas.symbol(owner)
  }

  /// The position of this series among the traced ones; the first is solid.
  private func traceRank(_ index: Int) -> Int {
    figure.series.indices.prefix(index).filter { !filled.contains($0) }.count
  }

  private func horizontalAxis(_ scale: AxisScale, _ canvas: BrailleCanvas, margin: Int) -> [String] {
    var rule = Array(repeating: Character(unicode ? "─" : "-"), count: canvas.columns)
    var numbers = Array(repeating: Character(" "), count: canvas.columns + margin + 1)
    var free = 0
    for tick in scale.ticks {
      let column = canvas.dotColumn(scale.position(tick)) / 2
      let label = scale.label(tick)
      let start = max(0, min(numbers.count - label.count, margin + 1 + column - label.count / 2))
      guard start >= free else { continue }
      rule[column] = unicode ? "┬" : "+"
      for (offset, character) in label.enumerated() where start + offset < numbers.count {
        numbers[start + offset] = character
      }
      free = start + label.count + 1
    }
    let corner = String(repeating: " ", count: margin) + (unicode ? "└" : "+")
    var out = [dim(corner + String(rule)), dim(trimmed(String(numbers)))]
    if !figure.xLabel.isEmpty {
      let label = cut(SafeText.line(figure.xLabel), canvas.columns)
      let indent = margin + 1 + max(0, (canvas.columns - DisplayWidth.of(label)) / 2)
      out.append(String(repeating: " ", count: indent) + dim(label))
    }
    return out
  }

  private func legend(margin: Int, width: Int) -> [String] {
    let entries = figure.series.indices.map { index -> String in
      let series = figure.series[index]
      let sample: String
      if !unicode {
        sample = filled.contains(index) ? "###" : String(repeating: BrailleCanvas.symbol(index), count: 3)
      } else if filled.contains(index) {
        sample = "▄█▆"
      } else if series.style == .points {
        let rank = traceRank(index)
        sample = rank == 0 && !hasFewPoints ? "⠂⠁⠄" : String(marker(index, rank))
      } else {
        sample = ["⠒⠒⠒", "⠒⠂⠒⠂", "⠂⠂⠂", "⠒⠒⠂⠒⠒"][traceRank(index) % BrailleCanvas.Dash.all.count]
      }
      let name = cut(SafeText.line(series.name), width - margin - 7)
      return sample.map { paint($0, index) }.joined() + " " + name
    }
    let indent = String(repeating: " ", count: margin + 1)
    return DisplayWidth.wrapped(entries, separator: "   ", to: width - margin - 1, mark: ellipsis).map { indent + $0 }
  }

  private func paint(_ character: Character, _ owner: Int) -> String {
    if owner == BrailleCanvas.noOwner { return dim(String(character)) }
    return Escape.paint(
      String(character), Self.colours[owner % Self.colours.count], when: colour && figure.series.count > 1)
  }

  private var ellipsis: String { unicode ? "…" : "~" }

  private func cut(_ text: String, _ width: Int) -> String { DisplayWidth.cut(text, to: width, mark: ellipsis) }

  private func dim(_ text: String) -> String { Escape.paint(text, .dim, when: colour) }

  private func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

extension Figure {
  /// The same range for both axes, over everything that is drawn; of logarithms where both axes are logarithmic.
  ///
  /// - Precondition: the figure is one of `withLogarithms`.
  func commonScale(tickCount: Int) -> AxisScale? {
    let values = series.lazy.flatMap { s in s.x.indices.lazy.filter { s.isKnown($0) }.flatMap { [s.x[$0], s.y[$0]] } }
    return xIsLogarithmic && yIsLogarithmic
      ? AxisScale(logarithms: values, isRounded: true, tickCount: tickCount)
      : AxisScale(values, isRounded: true, tickCount: tickCount)
  }

  /// The same figure with decimal logarithms on logarithmic axes; numbers without a logarithm are left out.
  var withLogarithms: Figure {
    guard xIsLogarithmic || yIsLogarithmic else { return self }
    func logarithm(_ value: Double) -> Double { value > 0 ? log10(value) : .nan }
    var copy = self
    copy.series = series.map { series in
      var series = series
      if yIsLogarithmic {
        series.band = series.band.map { .init(low: $0.low.map(logarithm), high: $0.high.map(logarithm)) }
      }
      if xIsLogarithmic { series.x = series.x.map(logarithm) }
      if yIsLogarithmic { series.y = series.y.map(logarithm) }
      return series
    }
    return copy
  }
}

extension Figure {
  /// The y values that a drawing must contain: those of series with a known x, and the ends of their bands.
  var heights: [Double] {
    series.flatMap { series in
      series.x.indices.filter { series.isKnown($0) }.map { series.y[$0] }
        + (series.band.map { band in series.bandRuns.joined().flatMap { [band.low[$0], band.high[$0]] } } ?? [])
    }
  }
}

extension Figure.Series {
  /// Runs of positions at which both ends of the band are known.
  var bandRuns: [Range<Int>] {
    guard let band else { return [] }
    var runs: [Range<Int>] = []
    for index in x.indices where x[index].isFinite && band.low[index].isFinite && band.high[index].isFinite {
      if let last = runs.last, last.upperBound == index {
        runs[runs.count - 1] = last.lowerBound..<index + 1
      } else {
        runs.append(index..<index + 1)
      }
    }
    return runs
  }

  func isKnown(_ index: Int) -> Bool { x[index].isFinite && y[index].isFinite }

  /// Smallest difference between neighbours on the x axis; 1 where there are none.
  var spacing: Double {
    let known = x.filter(\.isFinite).sorted()
    let gaps = zip(known, known.dropFirst()).map { $1 - $0 }.filter { $0 > 0 && $0.isFinite }
    return gaps.min() ?? 1
  }
}
