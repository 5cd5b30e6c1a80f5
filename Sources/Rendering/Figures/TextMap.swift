import Base

/// A map as shades, with an outline over it.
///
/// With colour, a character shows two pixels, one above the other; without colour, a pixel takes two characters. Either way
/// squares look square.
struct TextMap {
  let unicode: Bool
  let colour: Bool

  private var shades: [Character] { unicode ? [" ", "░", "▒", "▓", "█"] : [" ", ".", ":", "+", "#"] }
  /// Shades of values below zero, the weakest first.
  private var negative: [Character] { unicode ? ["⠂", "⠒", "⠶", "⠿"] : ["'", "-", "=", "%"] }
  private var mark: Character { unicode ? "•" : "o" }

  func lines(_ map: Figure.Map, of figure: Figure, width: Int, height: Int) -> [String] {
    if map.xRange != nil || map.yRange != nil || !map.columnNames.isEmpty || !map.rowNames.isEmpty {
      return TextHeatMap(map: map, figure: figure, unicode: unicode, colour: colour).lines(width: width, height: height)
    }
    guard map.rows > 0, map.columns > 0, let range = MapScale(map.values) else { return ["no data"] }
    let isFine = colour && unicode
    let factor = max(
      1, Self.quotient(map.columns * (isFine ? 1 : 2), width - 2),
      Self.quotient(map.rows, (isFine ? 2 : 1) * height * 3 / 2))
    let rows = Self.quotient(map.rows, factor)
    let columns = Self.quotient(map.columns, factor)
    let shares = (0..<rows).map { row in
      (0..<columns).map {
        mean(map, row * factor, $0 * factor, factor).map { range.high > range.low ? range.share($0) : 0 }
      }
    }
    let drawing = isFine ? fine(shares, map, factor, range) : coarse(shares, map, factor, range)

    let bar = dim(unicode ? "│" : "|")
    let edge = String(repeating: unicode ? "─" : "-", count: columns * (isFine ? 1 : 2))
    var out = [dim(unicode ? "┌\(edge)┐" : "+\(edge)+")]
    out += drawing.map { bar + $0 + bar }
    out.append(dim(unicode ? "└\(edge)┘" : "+\(edge)+"))
    let marks = (range.isSigned ? Array(negative.reversed()) : []) + shades
    let colours = range.isSigned ? "blue, white at 0, red" : "black to white"
    let scale = isFine ? colours : marks.map(String.init).joined()
    var key = [
      "\(map.rows) x \(map.columns)", "\(NumberText.of(range.low)) [\(scale)] \(NumberText.of(range.high))",
    ]
    if factor > 1 { key.append("each square averages \(factor) x \(factor) values") }
    if !map.outline.isEmpty { key.append(isFine ? "outline in orange" : "\(mark) outline") }
    out += DisplayWidth.wrapped(key, separator: "   ", to: width, mark: unicode ? "…" : "~").map(dim)
    return out
  }

  private func coarse(_ shares: [[Double?]], _ map: Figure.Map, _ factor: Int, _ range: MapScale) -> [String] {
    var grid = shares.map { row in
      row.flatMap { share -> [Character] in
        let shade = share.map { self.shade($0, range) } ?? "?"
        return [shade, shade]
      }
    }
    for place in trace(map.outline, across: 2 / Double(factor), down: 1 / Double(factor)) {
      if grid.indices.contains(place.row), grid[place.row].indices.contains(place.column) {
        grid[place.row][place.column] = mark
      }
    }
    return grid.map { String($0) }
  }

  private func shade(_ share: Double, _ range: MapScale) -> Character {
    func pick(_ list: [Character], _ share: Double) -> Character {
      list[min(list.count - 1, max(0, Int(share * Double(list.count))))]
    }
    guard range.isSigned else { return pick(shades, share) }
    let size = 2 * share - 1
    return size < -0.2 ? pick(negative, (-size - 0.2) / 0.8) : pick(shades, max(0, size))
  }

  private func fine(_ shares: [[Double?]], _ map: Figure.Map, _ factor: Int, _ range: MapScale) -> [String] {
    // Unknown values have the lowest colour, or none of the signed ones; nil stands for the outline.
    let unknown = range.isSigned ? 0.5 : 0
    var grid: [[Double?]] = shares.map { row in row.map { $0 ?? unknown } }
    for place in trace(map.outline, across: 1 / Double(factor), down: 1 / Double(factor)) {
      if grid.indices.contains(place.row), grid[place.row].indices.contains(place.column) {
        grid[place.row][place.column] = nil
      }
    }
    var lines: [String] = []
    for row in stride(from: 0, to: grid.count, by: 2) {
      let below = row + 1 < grid.count ? grid[row + 1] : Array(repeating: unknown, count: grid[row].count)
      lines.append(
        zip(grid[row], below).map { Escape.halves($0.map(range.terminalColour), $1.map(range.terminalColour)) }.joined()
      )
    }
    return lines
  }

  private static func quotient(_ a: Int, _ b: Int) -> Int { (a + max(1, b) - 1) / max(1, b) }

  private func mean(_ map: Figure.Map, _ row: Int, _ column: Int, _ factor: Int) -> Double? {
    var sum = 0.0
    var count = 0
    for y in row..<min(map.rows, row + factor) {
      for x in column..<min(map.columns, column + factor) {
        let value = map.values[y * map.columns + x]
        if value.isFinite {
          sum += value
          count += 1
        }
      }
    }
    return count > 0 ? sum / Double(count) : nil
  }

  /// Positions on the closed outline, where a pixel takes `across` columns and `down` rows.
  private func trace(
    _ outline: [(x: Double, y: Double)], across: Double, down: Double
  ) -> [(column: Int, row: Int)] {
    let finite = outline.filter { $0.x.isFinite && $0.y.isFinite && abs($0.x) < 1e6 && abs($0.y) < 1e6 }
    guard let first = finite.first else { return [] }
    var places: [(column: Int, row: Int)] = []
    for (start, end) in zip(finite, finite.dropFirst() + [first]) {
      let steps = min(1000, 1 + Int(2 * max(abs(end.x - start.x), abs(end.y - start.y)).rounded(.up)))
      for step in 0...steps {
        let share = Double(step) / Double(steps)
        // Whole numbers are the pixels' centres, so a pixel begins half a pixel earlier.
        let x = (start.x + (end.x - start.x) * share + 0.5) * across
        let y = (start.y + (end.y - start.y) * share + 0.5) * down
        places.append((Int(x.rounded(.down)), Int(y.rounded(.down))))
      }
    }
    return places
  }

  private func dim(_ text: String) -> String { Escape.paint(text, .dim, when: colour) }
}
