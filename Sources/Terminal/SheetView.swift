import Rendering

/// The part of a table that a pager shows: its header stays, rows scroll up and down, columns sideways.
package struct SheetView {
  package enum Key: Sendable, Equatable {
    case up, down, pageUp, pageDown, left, right, top, bottom, quit
  }

  private let sheet: TableSheet
  private let columns: Int
  private let rows: Int
  /// The first row that is shown.
  package private(set) var top = 0
  /// Where the columns beside the first one begin, in columns of the whole table.
  package private(set) var left: Int
  package private(set) var isFinished = false

  /// - Parameters:
  ///   - columns: of the screen.
  ///   - rows: of the screen; the last one tells where in the table it stands.
  package init(_ sheet: TableSheet, columns: Int, rows: Int) {
    self.sheet = sheet
    self.columns = max(10, columns)
    self.rows = max(sheet.header.count + 2, rows)
    left = 0
    left = firstLeft
  }

  /// The same place of the table on a screen of another size.
  package func resized(columns: Int, rows: Int) -> SheetView {
    var view = SheetView(sheet, columns: columns, rows: rows)
    view.top = min(top, view.lastTop)
    view.left = max(view.firstLeft, left)
    return view
  }

  /// Whether the whole table fits, so that no pager is needed.
  package var fits: Bool { sheet.header.count + body.count < rows && sheet.width <= columns }

  private var body: [String] { sheet.rows + sheet.notes }
  private var page: Int { rows - sheet.header.count - 1 }
  private var lastTop: Int { max(0, body.count - page) }

  // MARK: Sideways

  /// Whether the first column stays; one that takes half of the screen scrolls with the others.
  private var isFrozen: Bool { (sheet.columns.first?.upperBound ?? 0) + Self.gap <= columns / 2 }
  private var frozen: Int { isFrozen ? (sheet.columns.first?.upperBound ?? 0) + Self.gap : 0 }
  private var room: Int { columns - frozen }
  private var scrolling: ArraySlice<Range<Int>> { sheet.columns.dropFirst(isFrozen ? 1 : 0) }
  private var firstLeft: Int { scrolling.first?.lowerBound ?? 0 }
  /// Spaces between two columns.
  private static let gap = 2

  /// What is shown from `left` on: whole columns, because a part of a number looks like another number. Of a column that is
  /// wider than the screen, a part.
  private var shown: Range<Int> {
    let end = scrolling.last { $0.upperBound <= left + room && $0.upperBound > left }?.upperBound
    return left..<(end ?? left + room)
  }

  private mutating func scrollRight() {
    guard let next = scrolling.first(where: { $0.upperBound > shown.upperBound }) else { return }
    left = next.lowerBound > left ? next.lowerBound : left + max(1, room / 2)
  }

  private mutating func scrollLeft() {
    guard left > firstLeft, let before = scrolling.last(where: { $0.lowerBound < left }) else { return }
    // As far back as the column before stays whole.
    let fitting = scrolling.first { $0.lowerBound < left && before.upperBound - $0.lowerBound <= room }
    left = fitting?.lowerBound ?? max(before.lowerBound, left - max(1, room / 2))
  }

  package mutating func press(_ key: Key) {
    switch key {
    case .up: top -= 1
    case .down: top += 1
    case .pageUp: top -= page
    case .pageDown: top += page
    case .top: top = 0
    case .bottom: top = lastTop
    case .left: scrollLeft()
    case .right: scrollRight()
    case .quit: isFinished = true
    }
    top = min(max(0, top), lastTop)
  }

  /// The lines of the screen, each no wider than it.
  package var lines: [String] {
    let body = body
    let shown = body.indices.dropFirst(top).prefix(page)
    var lines = sheet.header.map(visible)
    for index in shown {
      // Notes do not scroll sideways.
      lines.append(index < sheet.rows.count ? visible(body[index]) : DisplayWidth.slice(body[index], 0..<columns))
    }
    lines += Array(repeating: "", count: max(0, rows - 1 - lines.count))
    return lines + [DisplayWidth.slice(status, 0..<columns - 1)]
  }

  private var status: String {
    let last = min(sheet.rows.count, top + page)
    let place = sheet.rows.isEmpty ? "no rows" : "rows \(min(top + 1, last))-\(last) of \(sheet.rows.count)"
    let visible = scrolling.indices.filter { sheet.columns[$0].overlaps(shown) }
    let sideways =
      sheet.width <= columns
      ? "" : ", columns \((visible.first ?? 0) + 1)-\((visible.last ?? 0) + 1) of \(sheet.columns.count)"
    return "\(place)\(sideways); arrows, space, b: move, q: leave"
  }

  private func visible(_ line: String) -> String {
    DisplayWidth.slice(line, 0..<frozen) + DisplayWidth.slice(line, shown)
  }
}
