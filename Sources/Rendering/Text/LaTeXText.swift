import Base

/// Values as LaTeX without packages: tabulars with rules above and below, numbers in math mode.
enum LaTeXText: MarkupText {
  static func render(_ table: Table) -> String {
    guard !table.columns.isEmpty else { return "" }
    let isNumeric = table.columns.map { $0.typeName == "int" || $0.typeName == "float" }
    let cells = table.columns.map(CellText.column)
    return tabular(
      isNumeric.map { $0 ? "r" : "l" }.joined(), header: table.columns.map { escaped(ColumnHeading.of($0)) },
      rows: (0..<table.rowCount).map { row in
        cells.indices.map { column in
          guard let text = cells[column][row] else { return "--" }
          return isNumeric[column] ? number(text) : escaped(text)
        }
      }) + (table.note.map { "\n\(escaped($0))\n" } ?? "")
  }

  static func fields(_ record: Record) -> String {
    tabular(
      "ll", header: nil,
      rows: record.fields.map { field in
        let text = CellText.of(field.value)
        let isUndefined = text == CellText.null && field.value.number?.isNaN != false && field.value != .string(text)
        return [escaped(field.name), isUndefined ? "--" : field.value.number == nil ? escaped(text) : number(text)]
      })
  }

  private static func tabular(_ columns: String, header: [String]?, rows: [[String]]) -> String {
    func line(_ cells: [String]) -> String { cells.joined(separator: " & ") + " \\\\\n" }
    let head = header.map { line($0) + "\\hline\n" } ?? ""
    return "\\begin{tabular}{\(columns)}\n\\hline\n\(head)\(rows.map(line).joined())\\hline\n\\end{tabular}\n"
  }

  static func render(_ report: Report) -> String {
    var parts = report.title.isEmpty ? [] : ["\\section*{\(escaped(report.title))}\n"]
    for section in report.sections {
      if !section.heading.isEmpty { parts.append("\\subsection*{\(escaped(section.heading))}\n") }
      switch section.body {
      case .fields(let record): parts.append(fields(record))
      case .table(let table): parts.append(render(table))
      case .lines(let lines): parts.append(lines.map { escaped($0) + "\n\n" }.joined())
      case .figure(let figure):
        // LaTeX's fonts lack block characters, so a figure belongs in a file of its own.
        parts.append("% figure: \(SafeText.line(figure.title)) (write it to a file with --save or --figure)\n")
      }
    }
    return parts.joined(separator: "\n")
  }

  /// `-1.2e-05` as `$-1.2\times10^{-5}$`.
  private static func number(_ text: String) -> String {
    switch text {
    case "inf": return "$\\infty$"
    case "-inf": return "$-\\infty$"
    default: break
    }
    let parts = text.split(separator: "e", maxSplits: 1)
    guard parts.count == 2, let exponent = Int(parts[1]) else { return text.hasPrefix("-") ? "$\(text)$" : text }
    return "$\(parts[0])\\times10^{\(exponent)}$"
  }

  /// Escapes every special character of LaTeX.
  static func escaped(_ text: String) -> String {
    var out = ""
    for character in SafeText.line(text) {
      switch character {
      case "\\": out += "\\textbackslash{}"
      case "~": out += "\\textasciitilde{}"
      case "^": out += "\\textasciicircum{}"
      case "<": out += "\\textless{}"
      case ">": out += "\\textgreater{}"
      case "|": out += "\\textbar{}"
      // After `\\`, a cell that begins with [ would be read as an argument.
      case "[": out += "{[}"
      case "&", "%", "$", "#", "_", "{", "}": out += "\\\(character)"
      default: out.append(character)
      }
    }
    return out
  }
}
