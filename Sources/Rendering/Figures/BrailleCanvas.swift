/// A grid of characters with 2 x 4 dots each, on which series are drawn as lines, points and filled columns.
struct BrailleCanvas {
  let columns: Int
  let rows: Int
  private var cells: [Cell]

  private struct Cell {
    var dots: UInt8 = 0
    var dotOwner = 0
    /// Filled share of the cell in eighths, from the bottom, or from the top where `hangs`.
    var fill = 0
    var fillOwner = 0
    var hangs = false
    var marker: Character?
  }

  /// The pattern of a dashed line, in dots along it: drawn, left out.
  struct Dash {
    var on: Int
    var off: Int

    static let solid = Dash(on: 1, off: 0)
    static let sparse = Dash(on: 1, off: 2)
    static let all = [solid, Dash(on: 3, off: 3), Dash(on: 1, off: 3), Dash(on: 6, off: 2)]
  }

  /// One character per series, where there are no dots to distinguish them.
  static let symbols: [Character] = ["*", "o", "+", "x", "@", "%"]
  /// The owner of dots that belong to no series.
  static let noOwner = -1

  init(columns: Int, rows: Int) {
    self.columns = max(1, columns)
    self.rows = max(1, rows)
    cells = Array(repeating: Cell(), count: self.columns * self.rows)
  }

  /// Dot column of a position in 0...1 from the left.
  func dotColumn(_ position: Double) -> Int { Self.index(position, of: columns * 2) }

  /// Dot row of a position in 0...1 from the bottom.
  func dotRow(_ position: Double) -> Int { rows * 4 - 1 - Self.index(position, of: rows * 4) }

  /// Index of a position in 0...1 among `count` places.
  static func index(_ position: Double, of count: Int) -> Int {
    guard position.isFinite else { return 0 }
    return min(count - 1, max(0, Int((min(1, max(0, position)) * Double(count - 1)).rounded())))
  }

  mutating func dot(column: Int, row: Int, owner: Int) {
    guard (0..<columns * 2).contains(column), (0..<rows * 4).contains(row) else { return }
    let index = row / 4 * columns + column / 2
    cells[index].dots |= Self.bit(column % 2, row % 4)
    cells[index].dotOwner = owner
  }

  mutating func marker(_ marker: Character, column: Int, row: Int, owner: Int) {
    guard (0..<columns * 2).contains(column), (0..<rows * 4).contains(row) else { return }
    let index = row / 4 * columns + column / 2
    cells[index].marker = marker
    cells[index].dotOwner = owner
  }

  /// A straight line of dots, both ends included. `phase` counts dots, so that dashes continue around corners.
  mutating func line(
    from start: (column: Int, row: Int), to end: (column: Int, row: Int), owner: Int, dash: Dash, phase: inout Int
  ) {
    let steps = max(abs(end.column - start.column), abs(end.row - start.row))
    for step in 0...max(1, steps) {
      let share = steps == 0 ? 0 : Double(step) / Double(steps)
      let column = start.column + Int((Double(end.column - start.column) * share).rounded())
      let row = start.row + Int((Double(end.row - start.row) * share).rounded())
      if step > 0 { phase += 1 }
      if phase % (dash.on + dash.off) < dash.on { dot(column: column, row: row, owner: owner) }
      if steps == 0 { break }
    }
  }

  /// Fills character column `column` between two heights in 0...1; the tallest fill of a column is kept.
  mutating func fill(column: Int, from base: Double, to top: Double, owner: Int) {
    // An empty bin draws nothing, unlike a small one.
    guard (0..<columns).contains(column), base.isFinite, top.isFinite, base != top else { return }
    let hangs = top < base
    let lower = max(0, min(base, top)) * Double(rows)
    // A very small value is still drawn as the thinnest block.
    let upper = max(min(1, max(base, top)) * Double(rows), hangs ? 0 : lower + 0.125)
    for level in 0..<rows {
      let covered = min(upper, Double(level + 1)) - max(lower, Double(level))
      guard covered > 0 else { continue }
      let eighths = min(8, Int((covered * 8).rounded()))
      let index = (rows - 1 - level) * columns + column
      guard eighths > cells[index].fill else { continue }
      cells[index].fill = eighths
      cells[index].fillOwner = owner
      cells[index].hangs = hangs && lower > Double(level)
    }
  }

  /// The rows as text, painted by series where `paint` is given.
  func lines(unicode: Bool, paint: (Character, Int) -> String) -> [String] {
    (0..<rows).map { row in
      var line = ""
      for cell in cells[row * columns..<(row + 1) * columns] {
        if let marker = cell.marker {
          line += paint(marker, cell.dotOwner)
        } else if cell.dots != 0 {
          line += paint(unicode ? Self.braille(cell.dots) : Self.symbol(cell.dotOwner), cell.dotOwner)
        } else if cell.fill > 0 {
          line += paint(unicode ? Self.block(cell.fill, hangs: cell.hangs) : "#", cell.fillOwner)
        } else {
          line += " "
        }
      }
      return line
    }
  }

  static func symbol(_ owner: Int) -> Character { owner == noOwner ? "." : symbols[owner % symbols.count] }

  static func braille(_ dots: UInt8) -> Character { Character(Unicode.Scalar(0x2800 + UInt32(dots)) ?? " ") }

  private static func block(_ eighths: Int, hangs: Bool) -> Character {
    if hangs, eighths < 8 { return eighths < 3 ? "▔" : eighths < 7 ? "▀" : "█" }
    return Sparkline.blocks[min(8, max(1, eighths)) - 1]
  }

  /// Braille numbers the upper three dots of the left column, then of the right one, then the lowest dots.
  private static func bit(_ column: Int, _ row: Int) -> UInt8 {
    let left: [UInt8] = [0x01, 0x02, 0x04, 0x40]
    let right: [UInt8] = [0x08, 0x10, 0x20, 0x80]
    return (column == 0 ? left : right)[row]
  }
}
