import Base

/// A table as aligned text: numbers aligned right, undefined entries as `-`, a thin rule below the header.
///
/// On a terminal the table is fitted to the width. First, long names are broken at underscores; then long text takes several
/// lines in a table that fits a screen, and is cut with an ellipsis in longer ones; then the last columns are hidden, except
/// for one that gives reasons, and a line below the table names them. Names without spaces, such as paths, are cut so that
/// they still differ; within sentences they are broken. A column of sentences that would take many lines beside the others
/// stands below each row. Units stand in a line below the names that do not contain them; where a column is narrower than its
/// unit, one line below the table gives all units instead.
struct TextTable {
  let options: RenderOptions

  private struct Cells {
    var name: String
    var entries: [String?]
    var isNumeric: Bool
    /// The unit, unless the name contains it.
    var unit: String
    /// Width of the widest entry.
    var entryWidth: Int
    /// Whether the entries are texts without spaces, which are cut and not wrapped.
    var isNames: Bool

    /// Whether it says why numbers of its rows are undefined.
    var isReason: Bool { name == "reason" && entries.contains { $0 != nil } }

    /// Whether the entries are points in time, which say nothing when they are cut.
    var isTime: Bool {
      isNames && entries.contains { $0 != nil }
        && entries.allSatisfy {
          $0?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z?/) != nil || $0 == nil
        }
    }

    /// `bits_`, `per_`, `spike`: the name may be broken between them.
    var pieces: [String] {
      name.split(separator: "_", omittingEmptySubsequences: false).map(String.init).enumerated().reduce(into: []) {
        $0.append($1.element)
        if $1.offset > 0, $0.count > 1 { $0[$0.count - 2] += "_" }
      }
    }

    var longestPiece: Int { pieces.reduce(0) { max($0, DisplayWidth.of($1)) } }
    var naturalWidth: Int { max(entryWidth, DisplayWidth.of(name), DisplayWidth.of(unit)) }
    var widthWithBrokenName: Int { max(entryWidth, longestPiece) }

    /// The name on as few lines of `width` as possible.
    func header(_ width: Int) -> [String] {
      DisplayWidth.of(name) <= width ? [name] : DisplayWidth.wrapped(pieces, separator: "", to: width, mark: "")
    }
  }

  private static let gap = 2
  /// Text columns are not cut below this width; columns are hidden instead.
  private static let narrowestText = 8
  /// Longer words than this are broken rather than columns hidden.
  private static let longestWord = 24
  /// From this number of rows on, text is cut to one line, so that the rows are easy to scan.
  private static let longTable = 30
  /// Sentences that would take more lines than this beside the other columns stand below each row.
  private static let tallest = 4
  /// Before the sentences below a row.
  private static let margin = "     "

  private var ellipsis: String { options.unicode ? "…" : "~" }

  init(_ options: RenderOptions) { self.options = options }

  func lines(_ table: Table, indent: Int = 0) -> [String] {
    let limit = options.width.map { max(20, $0 - indent) }
    func note(_ text: String) -> [String] { self.note(text, limit: limit) }
    guard !table.columns.isEmpty else { return ["empty table"] + (table.note.map(note) ?? []) }
    let shown = min(table.rowCount, options.maximumRows ?? .max)
    let visible = shown < table.rowCount ? table.gathering(Array(0..<shown)) : table
    let all = visible.columns.map(cells)
    let sentences = shown < Self.longTable ? sentences(in: all, limit: limit) : nil
    let beside = all.indices.filter { $0 != sentences }
    let (fitting, widths) = fitted(beside.map { all[$0] }, limit: limit)
    let places = fitting.map { beside[$0] }
    let columns = places.map { all[$0] }
    let cuts = zip(columns, widths).map { column, width in
      column.isNames && column.entryWidth > width
        ? NameCut(column.entries.lazy.compactMap(\.self), to: width, mark: ellipsis) : nil
    }

    let headers = zip(columns, widths).map { $0.header($1) }
    let height = headers.map(\.count).max() ?? 1
    var out = (0..<height).map { row in
      // The last lines of broken names are aligned, directly above the entries.
      line(
        zip(headers, columns).map { header, column in
          let index = row - (height - header.count)
          return (index < 0 ? "" : header[index], column.isNumeric)
        }, widths, .bold)
    }
    let unitsFit = zip(columns, widths).allSatisfy { DisplayWidth.of($0.unit) <= $1 }
    if unitsFit, columns.contains(where: { !$0.unit.isEmpty }) {
      out.append(line(columns.map { ($0.unit, $0.isNumeric) }, widths, .dim))
    }
    if let sentences { out.append(Self.margin + Escape.paint(all[sentences].name, .bold, when: options.colour)) }
    let bar = options.unicode ? "─" : "-"
    out.append(
      Escape.paint(
        widths.map { String(repeating: bar, count: $0) }.joined(separator: String(repeating: " ", count: Self.gap)),
        .dim, when: options.colour))
    for row in 0..<shown {
      let entries = zip(columns, cuts).map { column, cut in
        (column.entries[row].map { cut?.text($0) ?? $0 }, column.isNumeric)
      }
      out += shown < Self.longTable ? wrapped(entries, widths) : [line(entries, widths, nil)]
      if let text = sentences.flatMap({ all[$0].entries[row] }) { out += below(text, limit: limit) }
    }

    if table.rowCount == 0 { out += note("no rows") }
    if !unitsFit { out += note(unitCaption(columns)) }
    if shown < table.rowCount { out += note("\(shown) of \(table.rowCount) rows shown") }
    let hidden = beside.filter { !places.contains($0) }.map { all[$0].name }
    if !hidden.isEmpty {
      out += note(
        "\(all.count - hidden.count) of \(all.count) columns shown; `select` the others: \(hidden.joined(separator: ", "))"
      )
    }
    if let text = table.note { out += note(text) }
    return out
  }

  /// The column whose sentences take the most lines beside the others, if those are too many.
  private func sentences(in columns: [Cells], limit: Int?) -> Int? {
    guard limit != nil, columns.count > 1 else { return nil }
    let (places, widths) = fitted(columns, limit: limit)
    let heights = zip(places, widths).map { place, width -> (place: Int, lines: Int) in
      let column = columns[place]
      guard !column.isNumeric, !column.isNames, column.entryWidth > width else { return (place, 1) }
      return (place, column.entries.reduce(1) { max($0, $1.map { broken($0, to: width).count } ?? 1) })
    }
    guard let tallest = heights.max(by: { $0.lines < $1.lines }), tallest.lines > Self.tallest else { return nil }
    return tallest.place
  }

  /// A sentence on lines of its own, below its row.
  private func below(_ text: String, limit: Int?) -> [String] {
    broken(text, to: max(20, (limit ?? .max) - Self.margin.count)).map { Self.margin + $0 }
  }

  /// `units: offset in counts/bin; lost_to_scale, lost_to_offset in bits/spike`
  private func unitCaption(_ columns: [Cells]) -> String {
    var units: [(unit: String, names: [String])] = []
    for column in columns where !column.unit.isEmpty {
      if let index = units.firstIndex(where: { $0.unit == column.unit }) {
        units[index].names.append(column.name)
      } else {
        units.append((column.unit, [column.name]))
      }
    }
    return "units: " + units.map { $0.names.joined(separator: ", ") + " in " + $0.unit }.joined(separator: "; ")
  }

  /// A note on as many lines as needed, without breaking words.
  private func note(_ text: String, limit: Int?) -> [String] {
    let words = SafeText.line(text).split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    let width = max(limit ?? .max, words.map { DisplayWidth.of($0) }.max() ?? 0)
    return DisplayWidth.wrapped(words, separator: " ", to: width, mark: "").map {
      Escape.paint($0, .dim, when: options.colour)
    }
  }

  private func cells(_ column: Column) -> Cells {
    let name = SafeText.line(column.name)
    let entries = CellText.column(column)
    let width = entries.reduce(0) { max($0, DisplayWidth.of($1 ?? CellText.null)) }
    let isNumeric = column.typeName == "int" || column.typeName == "float"
    let unit = options.width == nil ? "" : SafeText.line(ColumnHeading.unit(of: column) ?? "")
    let isNames = !isNumeric && !entries.contains { $0?.contains(" ") ?? false }
    return Cells(
      name: name, entries: entries, isNumeric: isNumeric, unit: unit, entryWidth: width, isNames: isNames)
  }

  /// The columns that fit, from the left, and their widths. Reasons explain what is missing in the other columns: a column of
  /// them stays as long as one of the others can be hidden instead.
  private func fitted(_ columns: [Cells], limit: Int?) -> (places: [Int], widths: [Int]) {
    var places = Array(columns.indices)
    guard let limit else { return (places, columns.map(\.naturalWidth)) }
    while true {
      let shown = places.map { columns[$0] }
      let room = limit - Self.gap * (places.count - 1)
      var widths = shown.map(\.naturalWidth)
      shrink(&widths, to: room, least: shown.map(\.widthWithBrokenName))
      shrink(
        &widths, to: room,
        least: shown.map {
          $0.isNumeric ? $0.widthWithBrokenName : max($0.longestPiece, narrowest($0))
        })
      if widths.reduce(0, +) <= room || places.count == 1 { return (places, widths) }
      let last = places.lastIndex { !columns[$0].isReason } ?? 0
      places.remove(at: last > 0 ? last : places.count - 1)
    }
  }

  /// Width below which the entries of a text column can't be told apart, or words are broken.
  private func narrowest(_ column: Cells) -> Int {
    let entries = column.entries.lazy.compactMap(\.self)
    if column.isTime { return column.entryWidth }
    if column.isNames { return NameCut.width(keepingApart: entries, least: Self.narrowestText, mark: ellipsis) }
    let longestWord = entries.flatMap { $0.split(separator: " ") }.reduce(0) { max($0, DisplayWidth.of($1)) }
    return min(column.entryWidth, max(Self.narrowestText, min(longestWord, Self.longestWord)))
  }

  /// Narrows the widest of `widths`, not below `least`, until their sum is `room`.
  private func shrink(_ widths: inout [Int], to room: Int, least: [Int]) {
    var excess = widths.reduce(0, +) - room
    while excess > 0 {
      let candidates = widths.indices.filter { widths[$0] > least[$0] }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
      widths[widest] -= 1
      excess -= 1
    }
  }

  /// A row in which long text is broken between words.
  private func wrapped(_ entries: [(text: String?, right: Bool)], _ widths: [Int]) -> [String] {
    let cells = zip(entries, widths).map { entry, width -> [String] in
      guard let text = entry.text, !entry.right, DisplayWidth.of(text) > width else { return [] }
      return broken(text, to: width)
    }
    let height = max(1, cells.map(\.count).max() ?? 1)
    return (0..<height).map { index in
      line(
        zip(entries, cells).map { entry, lines in
          if lines.isEmpty { return (index == 0 ? entry.text : "", entry.right) }
          return (index < lines.count ? lines[index] : "", entry.right)
        }, widths, nil)
    }
  }

  /// A name within a sentence may differ from others anywhere: it is broken, not cut.
  private func broken(_ text: String, to width: Int) -> [String] {
    let words = text.split(separator: " ", omittingEmptySubsequences: false).flatMap {
      DisplayWidth.broken(String($0), to: width)
    }
    return DisplayWidth.wrapped(words, separator: " ", to: width, mark: ellipsis)
  }

  private func line(_ entries: [(text: String?, right: Bool)], _ widths: [Int], _ style: Escape.Style?) -> String {
    var out = ""
    for (index, entry) in entries.enumerated() {
      if index > 0 { out += String(repeating: " ", count: Self.gap) }
      let text = DisplayWidth.cut(entry.text ?? CellText.null, to: widths[index], mark: ellipsis)
      let fill = String(repeating: " ", count: max(0, widths[index] - DisplayWidth.of(text)))
      let styles = entry.text == nil ? .dim : style
      let painted = styles.map { Escape.paint(text, $0, when: options.colour) } ?? text
      // No spaces at the end of a line: output is compared and copied.
      out += entry.right ? fill + painted : index == entries.count - 1 ? painted : painted + fill
    }
    while out.last == " " { out.removeLast() }
    return out
  }
}
