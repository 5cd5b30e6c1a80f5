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

  private var body: [String] { sheet.rows + sheet.notes.flatMap { WordWrap.lines($0, to: columns) } }
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
  /// wider than the screen, a part, and of a text where enough room is left for some words.
  private var shown: Range<Int> {
    let whole = scrolling.lastIndex { $0.upperBound <= left + room && $0.upperBound > left }
    guard let whole else { return left..<left + room }
    return left..<(cutText.map { _ in left + room } ?? scrolling[whole].upperBound)
  }

  /// A column of text behind the whole ones, of which a part is shown.
  private var cutText: Range<Int>? {
    guard let place = scrolling.firstIndex(where: { $0.upperBound > left + room }),
      sheet.areWords.indices.contains(place),
      sheet.areWords[place], left + room - scrolling[place].lowerBound >= Self.readable
    else { return nil }
    return scrolling[place]
  }

  /// So many columns of a text can be read.
  private static let readable = 16

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
      lines.append(
        index < sheet.rows.count
          ? marked(visible(body[index]), of: body[index]) : DisplayWidth.slice(body[index], 0..<columns))
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

  /// A row with a mark where its text is cut.
  private func marked(_ visible: String, of row: String) -> String {
    guard let cutText, DisplayWidth.slice(row, shown.upperBound..<cutText.upperBound).contains(where: { $0 != " " })
    else { return visible }
    return DisplayWidth.slice(visible, 0..<columns - 1) + sheet.mark
  }

  private func visible(_ line: String) -> String {
    DisplayWidth.slice(line, 0..<frozen) + DisplayWidth.slice(line, shown)
  }
}
