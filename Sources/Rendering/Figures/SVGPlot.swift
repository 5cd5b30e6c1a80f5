import Base
import Foundation

/// Series over two axes as SVG: lines, points, bars and steps, with ticks, labels and a legend.
struct SVGPlot {
  /// The figure, with logarithms instead of the numbers of a logarithmic axis.
  private let figure: Figure
  /// The series of steps that is filled, because others are drawn over it.
  private let filledSteps: Int?

  private static let height = 260.0
  /// Width and height of a figure with a diagonal.
  private static let squareSide = 360.0
  /// From this number on, points that fall on the same pixel are drawn once.
  private static let manyPoints = 2000

  init(_ figure: Figure) {
    self.figure = figure.withLogarithms
    let hasBars = figure.series.contains { $0.style == .bars }
    filledSteps =
      hasBars || figure.series.count < 2 ? nil : figure.series.firstIndex { $0.style == .steps }
  }

  /// The plotting area, and the ranges of its axes.
  private struct Area {
    var left: Double
    var top: Double
    var width: Double
    var height: Double
    var horizontal: AxisScale
    var vertical: AxisScale

    func x(_ value: Double) -> Double { left + min(1, max(0, horizontal.position(value))) * width }
    func y(_ value: Double) -> Double { top + (1 - min(1, max(0, vertical.position(value)))) * height }
    var bottom: Double { top + height }
    /// Where filled areas begin.
    func base(isLogarithmic: Bool) -> Double { isLogarithmic ? bottom : y(0) }
  }

  /// Draws below `top` and returns the height.
  func draw(on canvas: inout SVGCanvas, from top: Double) -> Double {
    let startsAtZero = filledSteps != nil || figure.series.contains { $0.style == .bars }
    let values = figure.heights
    guard
      let vertical = figure.hasDiagonal
        ? figure.commonScale(tickCount: 6)
        : figure.yIsLogarithmic
          ? AxisScale(logarithms: values, isRounded: true, tickCount: 6)
          : AxisScale(values, includesZero: startsAtZero, isRounded: true, tickCount: 6),
      case let extent = figure.hasDiagonal ? [vertical.low, vertical.high] : extent,
      let horizontal = figure.xIsLogarithmic
        ? AxisScale(logarithms: extent, isRounded: false, tickCount: figure.hasDiagonal ? 6 : 8)
        : AxisScale(extent, isRounded: false, tickCount: figure.hasDiagonal ? 6 : 8)
    else { return SVGFigure.drawNothing(on: &canvas, from: top) }

    let labels = vertical.ticks.map(vertical.label)
    let margin = 24 + (figure.yLabel.isEmpty ? 0 : 16) + (labels.map(SVGCanvas.width).max() ?? 0)
    // A square is centred.
    let indent = figure.hasDiagonal ? max(0, (SVGFigure.width - margin - 20 - Self.squareSide) / 2) : 0
    let left = margin + indent
    let legend = legend(from: left)
    let area = Area(
      left: left, top: top + 8 + Double(legend.count) * 18,
      width: figure.hasDiagonal ? Self.squareSide : SVGFigure.width - left - 20,
      height: figure.hasDiagonal ? Self.squareSide : Self.height,
      horizontal: horizontal, vertical: vertical)

    drawLegend(legend, on: &canvas, left: left, top: top)
    for (tick, label) in zip(vertical.ticks, labels) {
      canvas.line(left, area.y(tick), left + area.width, area.y(tick), opacity: 0.12)
      canvas.text(label, left - 8, area.y(tick) + 4, anchor: .end)
    }
    if !figure.yLabel.isEmpty {
      canvas.text(
        SVGCanvas.cut(figure.yLabel, to: area.height), 18 + indent, area.top + area.height / 2, anchor: .middle,
        turned: -90)
    }
    if figure.hasDiagonal {
      canvas.add(
        "<path d=\"M\(NumberText.coordinate(left)) \(NumberText.coordinate(area.bottom))L\(NumberText.coordinate(left + area.width)) \(NumberText.coordinate(area.top))\" stroke=\"\(canvas.ink)\" stroke-opacity=\"0.5\" stroke-dasharray=\"4 4\"/>"
      )
    }
    for index in figure.series.indices { draw(series: index, on: &canvas, area) }
    canvas.line(left, area.top, left, area.bottom)
    canvas.line(left, area.bottom, left + area.width, area.bottom)
    var y = area.bottom
    y += figure.xNames.isEmpty ? numbers(on: &canvas, area) : names(on: &canvas, area)
    if !figure.xLabel.isEmpty {
      canvas.text(SVGCanvas.cut(figure.xLabel, to: area.width), left + area.width / 2, y + 14, anchor: .middle)
      y += 20
    }
    return y - top + 6
  }

  /// The x range: all x with a known y, with the width of bars and steps, or some room beside points.
  private var extent: [Double] {
    if !figure.xNames.isEmpty { return [-0.5, Double(figure.xNames.count) - 0.5] }
    var out: [Double] = []
    for series in figure.series {
      let known = series.x.indices.filter { series.isKnown($0) }.map { series.x[$0] }
      guard let low = known.min(), let high = known.max() else { continue }
      switch series.style {
      case .bars: out += [low - series.spacing / 2, high + series.spacing / 2]
      case .steps: out += [low, high + series.spacing]
      case .line: out += [low, high]
      case .points: out += [low - (high / 50 - low / 50), high + (high / 50 - low / 50)]
      }
    }
    return out
  }

  // MARK: Axes and legend

  private func numbers(on canvas: inout SVGCanvas, _ area: Area) -> Double {
    var free = 0.0
    for tick in area.horizontal.ticks {
      let label = area.horizontal.label(tick)
      let x = area.x(tick)
      canvas.line(x, area.bottom, x, area.bottom + 5)
      let half = SVGCanvas.width(of: label) / 2
      guard x - half >= free else { continue }
      canvas.text(label, x, area.bottom + 18, anchor: .middle)
      free = x + half + 6
    }
    return 26
  }

  /// Names side by side where they fit, otherwise turned.
  private func names(on canvas: inout SVGCanvas, _ area: Area) -> Double {
    let room = area.width / Double(figure.xNames.count) - 6
    let isTurned = figure.xNames.contains { SVGCanvas.width(of: SafeText.line($0)) > room }
    let names = figure.xNames.map { SVGCanvas.cut($0, to: isTurned ? 130 : max(room, 20)) }
    for (place, name) in names.enumerated() {
      let x = area.x(Double(place))
      if isTurned {
        canvas.text(name, x + 4, area.bottom + 14, anchor: .end, turned: -35)
      } else {
        canvas.text(name, x, area.bottom + 18, anchor: .middle)
      }
    }
    let longest = names.map(SVGCanvas.width).max() ?? 0
    return isTurned ? 20 + longest * 0.574 : 26
  }

  /// The lines of the legend, each a list of series with their positions.
  private func legend(from left: Double) -> [[(index: Int, name: String, x: Double)]] {
    guard figure.series.count > 1 else { return [] }
    var lines: [[(index: Int, name: String, x: Double)]] = [[]]
    var x = left
    for (index, series) in figure.series.enumerated() {
      let name = SVGCanvas.cut(series.name, to: 200)
      let width = SVGCanvas.width(of: name) + 40
      if x + width > SVGFigure.width, x > left {
        lines.append([])
        x = left
      }
      lines[lines.count - 1].append((index, name, x))
      x += width
    }
    return lines
  }

  private func drawLegend(
    _ lines: [[(index: Int, name: String, x: Double)]], on canvas: inout SVGCanvas, left: Double, top: Double
  ) {
    for (row, line) in lines.enumerated() {
      let y = top + Double(row) * 18 + 8
      for entry in line {
        let colour = canvas.colour(entry.index)
        let x = NumberText.coordinate(entry.x)
        switch figure.series[entry.index].style {
        case .points:
          canvas.add(
            "<circle cx=\"\(NumberText.coordinate(entry.x + 8))\" cy=\"\(NumberText.coordinate(y))\" r=\"3.5\" fill=\"\(colour)\"/>"
          )
        case .bars:
          canvas.add(
            "<rect x=\"\(x)\" y=\"\(NumberText.coordinate(y - 5))\" width=\"16\" height=\"10\" fill=\"\(colour)\" fill-opacity=\"0.7\"/>"
          )
        case .line, .steps:
          canvas.add(
            "<path d=\"M\(x) \(NumberText.coordinate(y))h16\" stroke=\"\(colour)\" stroke-width=\"2\"\(dash(entry.index))/>"
          )
        }
        canvas.text(entry.name, entry.x + 22, y + 4)
      }
    }
  }

  /// Dashes distinguish lines without colour; the first line is solid.
  private func dash(_ index: Int) -> String {
    let rank = figure.series.prefix(index).count { $0.style == .line || $0.style == .steps }
    let pattern = ["", "6 3", "2 3", "8 3 2 3"][rank % 4]
    return pattern.isEmpty || index == filledSteps ? "" : " stroke-dasharray=\"\(pattern)\""
  }

  // MARK: Series

  private func draw(series index: Int, on canvas: inout SVGCanvas, _ area: Area) {
    let series = figure.series[index]
    switch series.style {
    case .bars: bars(series, index, on: &canvas, area)
    case .points: points(series, index, on: &canvas, area)
    case .line, .steps:
      if let band = series.band { shade(band, series, index, on: &canvas, area) }
      for run in runs(of: series, area) { trace(run, series, index, on: &canvas, area) }
    }
  }

  /// The area between both ends of the band, in pieces without gaps.
  private func shade(
    _ band: Figure.Band, _ series: Figure.Series, _ index: Int, on canvas: inout SVGCanvas, _ area: Area
  ) {
    var path = ""
    for places in series.bandRuns {
      let there = places.map {
        "\(NumberText.coordinate(area.x(series.x[$0]))) \(NumberText.coordinate(area.y(band.high[$0])))"
      }
      let back = places.reversed().map {
        "\(NumberText.coordinate(area.x(series.x[$0]))) \(NumberText.coordinate(area.y(band.low[$0])))"
      }
      path += "M" + (there + back).joined(separator: "L") + "z"
    }
    guard !path.isEmpty else { return }
    canvas.add("<path d=\"\(path)\" fill=\"\(canvas.colour(index))\" fill-opacity=\"0.2\"/>")
  }

  private func bars(_ series: Figure.Series, _ index: Int, on canvas: inout SVGCanvas, _ area: Area) {
    let base = area.base(isLogarithmic: figure.yIsLogarithmic)
    let siblings = figure.series.indices.filter { figure.series[$0].style == .bars }
    let rank = siblings.firstIndex(of: index) ?? 0
    // Several bars over the same name stand side by side.
    let whole = figure.xNames.isEmpty ? series.spacing : 0.8
    let width = figure.xNames.isEmpty ? whole : whole / Double(max(1, siblings.count))
    var path = ""
    for place in series.x.indices where series.isKnown(place) {
      let start = series.x[place] - whole / 2 + (figure.xNames.isEmpty ? 0 : Double(rank) * width)
      var left = area.x(start)
      var right = area.x(start + width)
      // Wide bars are separated by gaps.
      if right - left > 4 {
        left += 0.5
        right -= 0.5
      }
      let top = area.y(series.y[place])
      path +=
        "M\(NumberText.coordinate(left)) \(NumberText.coordinate(base))V\(NumberText.coordinate(top))H\(NumberText.coordinate(right))V\(NumberText.coordinate(base))z"
    }
    canvas.add("<path d=\"\(path)\" fill=\"\(canvas.colour(index))\" fill-opacity=\"0.7\"/>")
  }

  /// Points as dots of a single path; of very many points, those on the same pixel are drawn once.
  private func points(_ series: Figure.Series, _ index: Int, on canvas: inout SVGCanvas, _ area: Area) {
    let isMany = series.x.count > Self.manyPoints
    var seen: Set<Int> = []
    var path = ""
    for place in series.x.indices where series.isKnown(place) {
      let x = area.x(series.x[place])
      let y = area.y(series.y[place])
      if isMany, !seen.insert(Int(x) * 10_000 + Int(y)).inserted { continue }
      path += "M\(NumberText.coordinate(x)) \(NumberText.coordinate(y))h0"
    }
    let size = series.x.count <= 200 ? 6 : isMany ? 2.5 : 4
    canvas.add(
      "<path d=\"\(path)\" stroke=\"\(canvas.colour(index))\" stroke-width=\"\(size)\" stroke-linecap=\"round\" stroke-opacity=\"0.75\"/>"
    )
  }

  /// Pieces without gaps, in coordinates of the drawing.
  private func runs(of series: Figure.Series, _ area: Area) -> [[(x: Double, y: Double)]] {
    var runs: [[(x: Double, y: Double)]] = []
    var run: [(x: Double, y: Double)] = []
    for place in series.x.indices {
      guard series.isKnown(place) else {
        if !run.isEmpty { runs.append(run) }
        run = []
        continue
      }
      let x = area.x(series.x[place])
      let y = area.y(series.y[place])
      run.append((x, y))
      // A step extends to the beginning of the next one.
      if series.style == .steps {
        let next = place + 1 < series.x.count && series.x[place + 1].isFinite ? series.x[place + 1] : nil
        run.append((area.x(next ?? series.x[place] + series.spacing), y))
      }
    }
    if !run.isEmpty { runs.append(run) }
    return runs
  }

  private func trace(
    _ run: [(x: Double, y: Double)], _ series: Figure.Series, _ index: Int, on canvas: inout SVGCanvas, _ area: Area
  ) {
    let drawn = Self.thinned(run, width: area.width)
    guard let first = drawn.first, let last = drawn.last else { return }
    if drawn.count == 1 {
      canvas.add(
        "<circle cx=\"\(NumberText.coordinate(first.x))\" cy=\"\(NumberText.coordinate(first.y))\" r=\"2\" fill=\"\(canvas.colour(index))\"/>"
      )
      return
    }
    let path =
      "M"
      + drawn.map { "\(NumberText.coordinate($0.x)) \(NumberText.coordinate($0.y))" }.joined(separator: "L")
    if index == filledSteps {
      let base = NumberText.coordinate(area.base(isLogarithmic: figure.yIsLogarithmic))
      let closed = path + "L\(NumberText.coordinate(last.x)) \(base)L\(NumberText.coordinate(first.x)) \(base)z"
      canvas.add("<path d=\"\(closed)\" fill=\"\(canvas.colour(index))\" fill-opacity=\"0.35\"/>")
    } else {
      canvas.add(
        "<path d=\"\(path)\" stroke=\"\(canvas.colour(index))\" stroke-width=\"1.5\" stroke-linejoin=\"round\"\(dash(index))/>"
      )
    }
  }

  /// Of very many points that rise along x, only the first, lowest, highest and last of every pixel column: it looks the same.
  private static func thinned(_ run: [(x: Double, y: Double)], width: Double) -> [(x: Double, y: Double)] {
    guard Double(run.count) > 4 * width, zip(run, run.dropFirst()).allSatisfy({ $0.x <= $1.x }) else { return run }
    var out: [(x: Double, y: Double)] = []
    var start = 0
    while start < run.count {
      var end = start
      var low = start
      var high = start
      while end < run.count, Int(run[end].x) == Int(run[start].x) {
        if run[end].y < run[low].y { low = end }
        if run[end].y > run[high].y { high = end }
        end += 1
      }
      out += Set([start, low, high, end - 1]).sorted().map { run[$0] }
      start = end
    }
    return out
  }
}
