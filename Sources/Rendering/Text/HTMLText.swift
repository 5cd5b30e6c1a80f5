import Base

/// Values as HTML without scripts or external files. Numbers are rounded as on the screen; `data-value` has full precision.
public enum HTMLText {
  /// How much is shown, and how.
  public struct Options: Sendable {
    /// Most rows of a table to show; the others are only counted. Nil shows all.
    public var maximumRows: Int?
    /// Whether figures are drawings within the page, rather than text.
    public var drawsFigures = false
    /// Heading level of a report's title, 1 to 5; sections are one level below.
    public var headingLevel = 1
    /// Whether tables have captions with their number of rows, and header cells name their scope.
    public var hasCaptions = false

    public init(
      maximumRows: Int? = nil, drawsFigures: Bool = false, headingLevel: Int = 1, hasCaptions: Bool = false
    ) {
      self.maximumRows = maximumRows
      self.drawsFigures = drawsFigures
      self.headingLevel = headingLevel
      self.hasCaptions = hasCaptions
    }
  }

  /// A fragment: a table, a list of names and values, or one section for each part of a report.
  public static func render(_ value: Value, _ options: Options = Options()) -> String {
    switch value {
    case .null: return ""
    case .report(let report): return render(report, options)
    case .record(let record): return fields(record)
    case .list, .table: return Tabulation.table(value).map { render($0, options) } ?? ""
    case .string(let text): return "<pre>\(escaped(SafeText.block(text)))</pre>\n"
    default: return "<p>\(escaped(CellText.of(value)))</p>\n"
    }
  }

  /// A complete page with this fragment.
  static func page(_ content: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <title>vcsh</title>
    <style>
    body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1c1c1c; background: #fff }
    table { border-collapse: collapse }
    th, td { padding: .15rem .7rem; text-align: left; border-bottom: 1px solid #e2e2e2; white-space: nowrap }
    th { border-bottom: 2px solid #999 }
    .number { text-align: right; font-variant-numeric: tabular-nums }
    .null, .note { color: #777 }
    pre { line-height: 1.2 }
    </style>
    </head>
    <body>
    \(content)</body>
    </html>

    """
  }

  /// Escapes characters of markup, and control characters of terminals.
  public static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  private static func line(_ text: String) -> String { escaped(SafeText.line(text)) }

  private static func render(_ table: Table, _ options: Options) -> String {
    guard !table.columns.isEmpty else { return "" }
    let shown = min(table.rowCount, options.maximumRows ?? .max)
    let isNumeric = table.columns.map { $0.typeName == "int" || $0.typeName == "float" }
    var out = "<table>\n"
    let rest = shown < table.rowCount ? "\(shown) of \(table.rowCount) rows shown" : nil
    if options.hasCaptions {
      out += "<caption>\(rest ?? "\(table.rowCount) \(table.rowCount == 1 ? "row" : "rows")")</caption>\n"
    }
    out += "<thead><tr>"
    for (column, right) in zip(table.columns, isNumeric) {
      out +=
        "<th\(options.hasCaptions ? " scope=\"col\"" : "")\(right ? " class=\"number\"" : "")>\(line(ColumnHeading.of(column)))</th>"
    }
    out += "</tr></thead>\n<tbody>\n"
    let cells = table.columns.map(CellText.column)
    for row in 0..<shown {
      out += "<tr>"
      for (index, column) in table.columns.enumerated() {
        guard let text = cells[index][row] else {
          out += "<td class=\"\(isNumeric[index] ? "number null" : "null")\">\(CellText.null)</td>"
          continue
        }
        if isNumeric[index] {
          out += "<td class=\"number\" data-value=\"\(escaped(column[row].plainText))\">\(escaped(text))</td>"
        } else {
          out += "<td>\(escaped(text))</td>"
        }
      }
      out += "</tr>\n"
    }
    let notes = [options.hasCaptions ? nil : rest, table.note].compactMap(\.self).map {
      "<p class=\"note\">\(line($0))</p>\n"
    }
    return out + "</tbody>\n</table>\n" + notes.joined()
  }

  private static func fields(_ record: Record) -> String {
    let rows = record.fields.map { "<tr><th>\(line($0.name))</th><td>\(escaped(CellText.of($0.value)))</td></tr>\n" }
    return "<table>\n<tbody>\n\(rows.joined())</tbody>\n</table>\n"
  }

  private static func render(_ report: Report, _ options: Options) -> String {
    let level = options.headingLevel
    var out = report.title.isEmpty ? "" : "<h\(level)>\(line(report.title))</h\(level)>\n"
    for section in report.sections {
      if !section.heading.isEmpty { out += "<h\(level + 1)>\(line(section.heading))</h\(level + 1)>\n" }
      switch section.body {
      case .fields(let record): out += fields(record)
      case .table(let table): out += render(table, options)
      case .lines(let lines): out += "<pre>\(lines.map { escaped(SafeText.block($0)) }.joined(separator: "\n"))</pre>\n"
      case .figure(let figure) where options.drawsFigures:
        out += "<figure>\n\(SVGFigure(figure, ground: .page).text)</figure>\n"
      case .figure(let figure):
        let drawing = TextFigure.draw(figure, width: 80, height: 12, unicode: true)
        out += "<pre>\(escaped(drawing.joined(separator: "\n")))</pre>\n"
      }
    }
    return out
  }
}
