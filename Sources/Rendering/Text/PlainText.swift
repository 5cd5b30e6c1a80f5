import Base

/// Values as text to read: tables, fields, reports with their figures.
struct PlainText {
  let options: RenderOptions

  /// Size of a figure where no terminal gives one.
  private static let figureWidth = 80
  private static let figureHeight = 12

  init(_ options: RenderOptions) { self.options = options }

  func render(_ value: Value) -> String {
    let lines = lines(value)
    return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
  }

  private func lines(_ value: Value) -> [String] {
    switch value {
    case .null: []
    case .table(let table): TextTable(options).lines(table)
    case .record(let record): fields(record)
    case .report(let report): lines(report)
    case .string(let text):
      // A text that ends its last line has one newline, not two.
      SafeText.block(text.hasSuffix("\n") ? String(text.dropLast()) : text).split(
        separator: "\n", omittingEmptySubsequences: false
      ).map(String.init)
    case .list(let values):
      if let table = Tabulation.table(values) {
        TextTable(options).lines(table)
      } else {
        values.isEmpty ? ["[]"] : values.map(CellText.of)
      }
    default: [CellText.of(value)]
    }
  }

  private func fields(_ record: Record) -> [String] {
    let names = record.names.map(SafeText.line)
    let width = names.map { DisplayWidth.of($0) }.max() ?? 0
    return zip(names, record.fields).map { name, field in
      let label = Escape.paint(name, .dim, when: options.colour)
      let fill = String(repeating: " ", count: width - DisplayWidth.of(name) + 2)
      return label + fill + CellText.of(field.value)
    }
  }

  private func lines(_ report: Report) -> [String] {
    var out = report.title.isEmpty ? [] : [Escape.paint(SafeText.line(report.title), .bold, when: options.colour)]
    for section in report.sections {
      if !out.isEmpty { out.append("") }
      let isFigureTitle = if case .figure(let figure) = section.body { figure.title == section.heading } else { false }
      if !section.heading.isEmpty, !isFigureTitle {
        out.append(Escape.paint(SafeText.line(section.heading), .cyan, when: options.colour))
      }
      out += body(section.body).map { $0.isEmpty ? "" : "  " + $0 }
    }
    return out
  }

  private func body(_ body: Report.Body) -> [String] {
    switch body {
    case .fields(let record): return fields(record)
    case .table(let table): return TextTable(options).lines(table, indent: 2)
    case .lines(let lines):
      return lines.flatMap {
        SafeText.block($0).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      }
    case .figure(let figure):
      let width = min(options.width.map { max(24, $0 - 2) } ?? Self.figureWidth, 100)
      return TextFigure.draw(
        figure, width: width, height: Self.figureHeight, unicode: options.unicode, colour: options.colour)
    }
  }
}
