import Base
import Foundation

/// Figures as a gnuplot program that contains its data. The same figures give the same text.
struct GnuplotScript {
  /// The formats that gnuplot writes, by file name extension.
  enum Format: String, CaseIterable {
    case svg, png, pdf
    /// Sixel, for terminals.
    case six
  }

  private static let panelWidth = 640
  private static let panelHeight = 360
  private static let colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]

  /// One plot: a map, or series over two axes.
  private struct Panel {
    var figure: Figure
    var isMap: Bool
  }

  /// - Parameter output: file name in the folder in which gnuplot runs.
  static func text(_ figures: [Figure], format: Format, output: String) -> String {
    let panels = figures.flatMap { figure -> [Panel] in
      let map = figure.map == nil ? [] : [Panel(figure: figure, isMap: true)]
      let series = figure.series.isEmpty && figure.map != nil ? [] : [Panel(figure: figure, isMap: false)]
      return map + series
    }
    let columns = panels.count > 3 ? 2 : 1
    let rows = max(1, (panels.count + columns - 1) / columns)
    var lines = ["set encoding utf8", terminal(format, columns * panelWidth, rows * panelHeight)]
    lines.append("set output \(quoted(output))")
    for (index, panel) in panels.enumerated() { lines += data(panel, index) }
    if panels.count > 1 { lines.append("set multiplot layout \(rows),\(columns)") }
    for (index, panel) in panels.enumerated() { lines += plot(panel, index) }
    if panels.count > 1 { lines.append("unset multiplot") }
    lines.append("unset output")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func terminal(_ format: Format, _ width: Int, _ height: Int) -> String {
    switch format {
    case .svg: "set terminal svg size \(width),\(height) noenhanced font 'sans,12' background '#ffffff'"
    case .png: "set terminal pngcairo size \(width),\(height) noenhanced font 'sans,11'"
    case .six: "set terminal sixelgd size \(width),\(height) noenhanced font 'sans,11'"
    case .pdf:
      "set terminal pdfcairo size \(Double(width) / 100),\(Double(height) / 100) noenhanced font 'sans,11'"
    }
  }

  // MARK: Data

  private static func data(_ panel: Panel, _ index: Int) -> [String] {
    if panel.isMap, let map = panel.figure.map {
      var lines = ["$map\(index) << EOD"]
      for row in 0..<map.rows {
        lines.append(map.values[row * map.columns..<(row + 1) * map.columns].map(number).joined(separator: " "))
      }
      lines.append("EOD")
      if let first = map.outline.first {
        lines.append("$outline\(index) << EOD")
        lines += (map.outline + [first]).map { "\(number($0.x)) \(number($0.y))" }
        lines.append("EOD")
      }
      return lines
    }
    return diagonal(panel.figure, index)
      + panel.figure.series.enumerated().flatMap { number, series -> [String] in
        if series.style == .bars, panel.figure.xIsLogarithmic || !panel.figure.xNames.isEmpty {
          return ["$series\(index)_\(number) << EOD"] + boxes(series, number, panel.figure) + ["EOD"]
        }
        var points = zip(series.x, series.y).map { "\(self.number($0)) \(self.number($1))" }
        // gnuplot draws no width for the last step.
        if series.style == .steps, let x = series.x.last, let y = series.y.last {
          let end = panel.figure.xIsLogarithmic ? x * ratio(series) : x + spacing(series)
          points.append("\(self.number(end)) \(self.number(y))")
        }
        let band = series.band.map { band in
          ["$band\(index)_\(number) << EOD"]
            + series.x.indices.map { place in
              [series.x[place], band.low[place], band.high[place]].map(self.number).joined(separator: " ")
            } + ["EOD"]
        }
        return ["$series\(index)_\(number) << EOD"] + points + ["EOD"] + (band ?? [])
      }
  }

  /// The ends of the line of equality.
  private static func diagonal(_ figure: Figure, _ index: Int) -> [String] {
    guard let (low, high) = commonRange(figure) else { return [] }
    return ["$diagonal\(index) << EOD", "\(low) \(low)", "\(high) \(high)", "EOD"]
  }

  /// Both ends of both axes, where these are the same.
  private static func commonRange(_ figure: Figure) -> (low: String, high: String)? {
    guard figure.hasDiagonal, let scale = figure.withLogarithms.commonScale(tickCount: 6) else { return nil }
    let isLogarithmic = figure.xIsLogarithmic && figure.yIsLogarithmic
    func plain(_ value: Double) -> String { number(isLogarithmic ? pow(10, value) : value) }
    return (plain(scale.low), plain(scale.high))
  }

  /// Bars by their edges: side by side over a name, equally wide on a logarithmic axis.
  private static func boxes(_ series: Figure.Series, _ number: Int, _ figure: Figure) -> [String] {
    let base = figure.yIsLogarithmic ? (series.y.filter { $0 > 0 && $0.isFinite }.min() ?? 1) / 10 : 0
    let half = figure.xNames.isEmpty ? ratio(series).squareRoot() : 0.4
    let width = 0.8 / Double(max(1, figure.series.count))
    return zip(series.x, series.y).map { x, y in
      let left = figure.xNames.isEmpty ? x / half : x - half + Double(number) * width
      let right = figure.xNames.isEmpty ? x * half : left + width
      return [x, y, left, right, base, y].map(self.number).joined(separator: " ")
    }
  }

  /// Smallest ratio of neighbours on a logarithmic axis; 10 where there are none.
  private static func ratio(_ series: Figure.Series) -> Double {
    let known = series.x.filter { $0.isFinite && $0 > 0 }.sorted()
    return zip(known, known.dropFirst()).map { $1 / $0 }.filter { $0 > 1.0001 }.min() ?? 10
  }

  /// NaN interrupts a line in gnuplot, and infinities have no position on an axis. Values near the largest double are limited,
  /// because gnuplot's own arithmetic overflows.
  private static func number(_ value: Double) -> String {
    value.isFinite ? NumberText.exact(min(AxisScale.limit, max(-AxisScale.limit, value))) : "NaN"
  }

  private static func spacing(_ series: Figure.Series) -> Double {
    let known = series.x.filter(\.isFinite).sorted()
    return zip(known, known.dropFirst()).map { $1 - $0 }.filter { $0 > 0 && $0.isFinite }.min() ?? 1
  }

  // MARK: Plots

  private static func plot(_ panel: Panel, _ index: Int) -> [String] {
    let figure = panel.figure
    var lines = [
      "set title \(quoted(figure.title))", "set xlabel \(xLabel(figure))", "set ylabel \(quoted(figure.yLabel))",
      "set tics out nomirror", "set border 3", "unset label", "set size noratio", "set autoscale xy", "unset colorbox",
      "set key tmargin right horizontal noenhanced", "set xtics autofreq norotate", "set ytics autofreq",
      "unset logscale",
    ]
    if !panel.isMap, figure.xIsLogarithmic { lines.append("set logscale x") }
    if !panel.isMap, figure.yIsLogarithmic { lines.append("set logscale y") }
    let commands = panel.isMap ? map(figure, index) : series(figure, index)
    if commands.isEmpty {
      lines += [
        "set xrange [0:1]", "set yrange [0:1]", "set label 1 'no data' at graph 0.5,0.5 center", "plot NaN notitle",
      ]
    }
    return lines + commands
  }

  private static func map(_ figure: Figure, _ index: Int) -> [String] {
    guard let map = figure.map, map.values.contains(where: \.isFinite) else { return [] }
    var plots = ["$map\(index) matrix with image notitle"]
    if !map.outline.isEmpty { plots.append("$outline\(index) with lines lw 2 lc rgb '#ffffff' notitle") }
    let hasAxes = map.xRange != nil || map.yRange != nil || !map.columnNames.isEmpty || !map.rowNames.isEmpty
    return (hasAxes ? axes(map, figure) : ["set size ratio -1"]) + [
      "set xrange [-0.5:\(Double(map.columns) - 0.5)]",
      "set yrange [\(Double(map.rows) - 0.5):-0.5]",
      "set colorbox",
      palette(map),
      "plot " + plots.joined(separator: ", "),
    ]
  }

  /// Colours over the range of the map's values; zero is neutral where they have both signs.
  private static func palette(_ map: Figure.Map) -> String {
    guard let scale = MapScale(map.values) else { return "set autoscale cb" }
    let last = Double(scale.stops.count - 1)
    let colours = scale.stops.indices.map { "\(Double($0) / last) '\(scale.colour(Double($0) / last))'" }
    let range = scale.high > scale.low ? "[\(number(scale.low)):\(number(scale.high))]" : "[*:*]"
    return "set cbrange \(range)\nset palette defined (\(colours.joined(separator: ", ")))"
  }

  /// Ticks of a map's axes. gnuplot numbers rows and columns of a map, so each tick has a position and a label.
  private static func axes(_ map: Figure.Map, _ figure: Figure) -> [String] {
    func ticks(_ names: [String], _ range: ClosedRange<Double>?, _ isLogarithmic: Bool, _ places: Int, _ down: Bool)
      -> String
    {
      let marks: [(position: Double, label: String)]
      if !names.isEmpty {
        marks = names.prefix(places).enumerated().map { (Double($0.offset), $0.element) }
      } else if let scale = TextHeatMap.scale(range, isLogarithmic, 6) {
        marks = scale.ticks.map {
          let share = down ? 1 - scale.position($0) : scale.position($0)
          return (share * Double(places) - 0.5, scale.label($0))
        }
      } else {
        return "autofreq"
      }
      return "(" + marks.map { "\(quoted($0.label)) \(number($0.position))" }.joined(separator: ", ") + ")"
    }
    let turn = map.columnNames.isEmpty ? "" : "rotate by -30 "
    return [
      "set xtics \(turn)\(ticks(map.columnNames, map.xRange, figure.xIsLogarithmic, map.columns, false))",
      "set ytics \(ticks(map.rowNames, map.yRange, figure.yIsLogarithmic, map.rows, true))",
      "set cblabel \(quoted(map.label))",
    ]
  }

  private static func series(_ figure: Figure, _ index: Int) -> [String] {
    let drawn = figure.series.indices.filter { number in
      zip(figure.series[number].x, figure.series[number].y).contains { $0.isFinite && $1.isFinite }
    }
    guard !drawn.isEmpty else { return [] }
    let filledSteps =
      figure.series.count > 1 && !figure.series.contains { $0.style == .bars }
      ? figure.series.firstIndex { $0.style == .steps } : nil
    var lines: [String] = []
    if filledSteps != nil || figure.series.contains(where: { $0.style == .bars }) {
      // Filled areas start at zero, which does not exist on a logarithmic axis.
      if !figure.yIsLogarithmic { lines.append("set yrange [*<0:0<*]") }
    }
    if !figure.xNames.isEmpty {
      let names = figure.xNames.enumerated().map { "\(quoted($0.element)) \($0.offset)" }.joined(separator: ", ")
      lines.append("set xtics rotate by -30 (\(names))")
      lines.append("set xrange [-0.5:\(Double(figure.xNames.count) - 0.5)]")
    }
    if let bars = figure.series.first(where: { $0.style == .bars }) {
      lines.append("set boxwidth \(spacing(bars) * 0.9)")
    }
    var plots = drawn.filter { !figure.series[$0].bandRuns.isEmpty }.map { number in
      "$band\(index)_\(number) using 1:2:3 with filledcurves fs transparent solid 0.2 noborder "
        + "lc rgb '\(colours[number % colours.count])' notitle"
    }
    if let (low, high) = commonRange(figure) {
      lines += ["set size square", "set xrange [\(low):\(high)]", "set yrange [\(low):\(high)]"]
      plots.append("$diagonal\(index) using 1:2 with lines dt 2 lc rgb '#888888' notitle")
    }
    plots += drawn.map { number -> String in
      let series = figure.series[number]
      let colour = "lc rgb '\(colours[number % colours.count])'"
      let style =
        switch series.style {
        case .line: "lines lw 1.5 \(colour)"
        case .points: "points pt 7 ps \(series.x.count <= 200 ? 0.8 : 0.4) \(colour)"
        case .bars: "boxes fs solid 0.5 \(colour)"
        case .steps: number == filledSteps ? "fillsteps fs solid 0.35 noborder \(colour)" : "steps lw 1.5 \(colour)"
        }
      let title = drawn.count > 1 || figure.series.count > 1 ? "title \(quoted(series.name))" : "notitle"
      if series.style == .bars, figure.xIsLogarithmic || !figure.xNames.isEmpty {
        return "$series\(index)_\(number) using 1:2:3:4:5:6 with boxxyerror fs solid 0.5 \(colour) \(title)"
      }
      return "$series\(index)_\(number) using 1:2 with \(style) \(title)"
    }
    return lines + ["plot " + plots.joined(separator: ", ")]
  }

  /// The label of the x axis, with the figure's note below it.
  private static func xLabel(_ figure: Figure) -> String {
    guard let note = figure.note else { return quoted(figure.xLabel) }
    return quoted(figure.xLabel) + ".\"\\n\"." + quoted(note)
  }

  /// A literal in single quotes, in which gnuplot substitutes nothing; control characters become spaces.
  private static func quoted(_ text: String) -> String {
    var out = "'"
    for scalar in text.unicodeScalars {
      switch scalar {
      case "'": out += "''"
      case _ where scalar.properties.generalCategory == .control: out += " "
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "'"
  }
}
