import Base

/// Tables with a block of lines for each row, `name = value`, with aligned names; other values as in the table mode.
struct LineText {
  let options: RenderOptions

  init(_ options: RenderOptions) { self.options = options }

  func render(_ value: Value) -> String {
    switch value {
    case .report, .null, .string: return PlainText(options).render(value)
    default: break
    }
    guard let table = Tabulation.table(value), !table.columns.isEmpty else { return PlainText(options).render(value) }
    let shown = min(table.rowCount, options.maximumRows ?? .max)
    let names = table.columns.map { SafeText.line(ColumnHeading.of($0)) }
    let width = names.map { DisplayWidth.of($0) }.max() ?? 0
    let cells = table.columns.map(CellText.column)
    var blocks = (0..<shown).map { row in
      zip(names, cells).map { name, cells in
        let label = Escape.paint(DisplayWidth.padded(name, to: width, right: true), .dim, when: options.colour)
        return "\(label) = \(cells[row] ?? CellText.null)\n"
      }.joined()
    }
    var notes: [String] = []
    if table.rowCount == 0 { notes.append("no rows") }
    if shown < table.rowCount { notes.append("\(shown) of \(table.rowCount) rows shown") }
    if let note = table.note { notes.append(SafeText.line(note)) }
    if !notes.isEmpty {
      blocks.append(notes.map { Escape.paint($0, .dim, when: options.colour) + "\n" }.joined())
    }
    return blocks.joined(separator: "\n")
  }
}
