import Base

/// A map over two axes with numbers or names: shades, ticks at the left and below, and a key.
struct TextHeatMap {
  let map: Figure.Map
  let figure: Figure
  let unicode: Bool
  let colour: Bool

  private var shades: [Character] { unicode ? ["░", "▒", "▓", "█"] : [".", ":", "+", "#"] }
  /// Shades of values below zero, the weakest first, and of zero where values have both signs.
  private var negative: [Character] { unicode ? ["⠂", "⠒", "⠶", "⠿"] : ["'", "-", "=", "%"] }
  private var neutral: Character { unicode ? "·" : "0" }
  private var mark: String { unicode ? "…" : "~" }

  func lines(width: Int, height: Int) -> [String] {
    guard map.rows > 0, map.columns > 0, let range = MapScale(map.values) else { return ["no data"] }
    let rowTicks = rowTicks(height)
    let margin = min(width / 3, rowTicks.reduce(0) { max($0, DisplayWidth.of($1.label)) })
    // A value takes as many characters as there is room for; without room, several values share one.
    let across = max(1, min(map.columnNames.isEmpty ? 8 : 16, (width - margin - 3) / map.columns))
    let down = max(1, min(3, height / map.rows))
    let columns = min(map.columns * across, max(1, width - margin - 3))
    let rows = min(map.rows * down, max(1, height * 3 / 2))

    var labels: [Int: String] = [:]
    for tick in rowTicks { labels[min(rows - 1, max(0, Int(tick.position * Double(rows))))] = tick.label }
    let edge = String(repeating: unicode ? "─" : "-", count: columns)
    let pad = String(repeating: " ", count: margin)
    let bar = unicode ? "│" : "|"
    var out = figure.yLabel.isEmpty ? [] : [dim(DisplayWidth.cut(SafeText.line(figure.yLabel), to: width, mark: mark))]
    out.append(pad + dim(unicode ? "┌\(edge)┐" : "+\(edge)+"))
    for row in 0..<rows {
      let label = DisplayWidth.padded(
        DisplayWidth.cut(labels[row] ?? "", to: margin, mark: mark), to: margin, right: true)
      let places = (0..<columns).map { shade(row, $0, rows, columns, range) }
      out.append(dim(label + bar) + paint(places, range) + dim(bar))
    }
    out.append(pad + dim(unicode ? "└\(edge)┘" : "+\(edge)+"))
    out.append(dim(columnLabels(columns, margin)))
    if !figure.xLabel.isEmpty {
      let label = DisplayWidth.cut(SafeText.line(figure.xLabel), to: columns, mark: mark)
      out.append(pad + " " + String(repeating: " ", count: max(0, (columns - DisplayWidth.of(label)) / 2)) + dim(label))
    }
    let colours = range.isSigned ? "blue, white at 0, red" : "black to white"
    let marks = range.isSigned ? Array(negative.reversed()) + [neutral] + shades : shades
    let scale = colour && unicode ? colours : marks.map(String.init).joined()
    let blank = map.values.allSatisfy(\.isFinite) ? [] : ["blank: no value"]
    let key = [
      "\(map.label.isEmpty ? "" : SafeText.line(map.label) + " ")\(NumberText.of(range.low)) [\(scale)] \(NumberText.of(range.high))"
    ]
    return out + DisplayWidth.wrapped(key + blank, separator: "   ", to: width, mark: mark).map(dim)
  }

  // MARK: Pixels

  /// Mean of the values that a character covers; nil where none is known.
  private func shade(_ row: Int, _ column: Int, _ rows: Int, _ columns: Int, _ range: MapScale) -> Double? {
    func covered(_ index: Int, _ count: Int, _ places: Int) -> Range<Int> {
      let first = min(places - 1, index * places / count)
      return first..<max(first + 1, min(places, (index + 1) * places / count))
    }
    var sum = 0.0
    var count = 0.0
    for y in covered(row, rows, map.rows) {
      for x in covered(column, columns, map.columns) where map.values[y * map.columns + x].isFinite {
        sum += range.high > range.low ? range.share(map.values[y * map.columns + x]) : 1
        count += 1
      }
    }
    return count > 0 ? min(1, max(0, sum / count)) : nil
  }

  private func paint(_ places: [Double?], _ range: MapScale) -> String {
    if colour && unicode {
      return places.map { place in
        place.map(range.terminalColour).map { Escape.halves($0, $0) } ?? " "
      }.joined()
    }
    func pick(_ list: [Character], _ share: Double) -> Character {
      list[min(list.count - 1, max(0, Int(share * Double(list.count))))]
    }
    return String(
      places.map { place -> Character in
        guard let place else { return " " }
        guard range.isSigned else { return pick(shades, place) }
        let size = 2 * place - 1
        return abs(size) < 0.1 ? neutral : pick(size < 0 ? negative : shades, abs(size))
      })
  }

  // MARK: Axes

  /// Labels at the left side, by their distance from the top.
  private func rowTicks(_ height: Int) -> [(position: Double, label: String)] {
    if !map.rowNames.isEmpty {
      return map.rowNames.prefix(map.rows).enumerated().map {
        ((Double($0.offset) + 0.5) / Double(map.rows), SafeText.line($0.element))
      }
    }
    guard let scale = Self.scale(map.yRange, figure.yIsLogarithmic, max(2, height / 4)) else { return [] }
    return scale.ticks.map { (1 - scale.position($0), scale.label($0)) }
  }

  private func columnLabels(_ columns: Int, _ margin: Int) -> String {
    var ticks: [(position: Double, label: String)] = []
    if !map.columnNames.isEmpty {
      let room = max(1, columns / map.columns - 1)
      ticks = map.columnNames.prefix(map.columns).enumerated().map {
        let name = DisplayWidth.cut(SafeText.line($0.element), to: max(room, 3), mark: mark)
        return ((Double($0.offset) + 0.5) / Double(map.columns), name)
      }
    } else if let scale = Self.scale(map.xRange, figure.xIsLogarithmic, max(2, columns / 14)) {
      ticks = scale.ticks.map { (scale.position($0), scale.label($0)) }
    }
    var line = ""
    for tick in ticks {
      let width = DisplayWidth.of(tick.label)
      let place = margin + 1 + Int(tick.position * Double(columns)) - width / 2
      let start = max(0, min(margin + 2 + columns - width, place))
      let used = DisplayWidth.of(line)
      guard line.isEmpty || start > used else { continue }
      line += String(repeating: " ", count: max(0, start - used)) + tick.label
    }
    return line
  }

  /// The axis over a map's edges; nil where these are not known.
  static func scale(_ range: ClosedRange<Double>?, _ isLogarithmic: Bool, _ ticks: Int) -> AxisScale? {
    guard let range else { return nil }
    let ends = [range.lowerBound, range.upperBound]
    return isLogarithmic
      ? AxisScale(logarithms: ends, isRounded: false, tickCount: ticks)
      : AxisScale(ends, isRounded: false, tickCount: ticks)
  }

  private func dim(_ text: String) -> String { Escape.paint(text, .dim, when: colour) }
}
