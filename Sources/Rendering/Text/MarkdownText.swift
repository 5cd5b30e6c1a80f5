import Base

/// Values as Markdown with GitHub's tables, for notes and reports. Numbers are rounded as on the screen.
enum MarkdownText: MarkupText {
  static func render(_ report: Report) -> String { render(report, level: 1) }

  /// - Parameter level: heading level of the title; sections are one level below.
  static func render(_ report: Report, level: Int) -> String {
    let marks = String(repeating: "#", count: level)
    var parts = report.title.isEmpty ? [] : ["\(marks) \(escaped(report.title))\n"]
    for section in report.sections {
      if !section.heading.isEmpty { parts.append("\(marks)# \(escaped(section.heading))\n") }
      switch section.body {
      case .fields(let record): parts.append(fields(record))
      case .table(let table): parts.append(render(table))
      case .lines(let lines): parts.append(lines.map { escaped($0) + "  \n" }.joined())
      case .figure(let figure):
        let drawing = TextFigure.draw(figure, width: 80, height: 12, unicode: true)
        parts.append("```text\n" + drawing.joined(separator: "\n") + "\n```\n")
      }
    }
    return parts.joined(separator: "\n")
  }

  static func fields(_ record: Record) -> String {
    rows(
      header: ["name", "value"], right: [false, false],
      entries: record.fields.map { [escaped($0.name), escaped(CellText.of($0.value))] })
  }

  static func render(_ table: Table) -> String {
    guard !table.columns.isEmpty else { return "" }
    let cells = table.columns.map(CellText.column)
    let body = rows(
      header: table.columns.map { escaped(ColumnHeading.of($0)) },
      right: table.columns.map { $0.typeName == "int" || $0.typeName == "float" },
      entries: (0..<table.rowCount).map { row in cells.map { escaped($0[row] ?? CellText.null) } })
    return body + (table.note.map { "\n\(escaped($0))\n" } ?? "")
  }

  private static func rows(header: [String], right: [Bool], entries: [[String]]) -> String {
    let rule = right.map { $0 ? "---:" : "---" }
    return ([header, rule] + entries).map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }

  /// Escapes Markdown's special characters. Underscores stay: they have no meaning inside a word.
  static func escaped(_ text: String) -> String {
    var out = ""
    for character in SafeText.line(text) {
      if "\\|*`<>[]#".contains(character) { out.append("\\") }
      out.append(character)
    }
    return out
  }
}
