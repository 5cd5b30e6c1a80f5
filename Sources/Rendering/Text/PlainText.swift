import Base

/// Values as text for reading: tables, fields, reports with their figures.
struct PlainText {
  let options: RenderOptions

  /// Size of a figure where there is no terminal.
  private static let figureWidth = 80
  private static let figureHeight = 12
  /// Width of each of two figures side by side, where there is no terminal.
  private static let pairWidth = 120

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
      // A text that ends in a newline is a document, such as a recipe: it stays as it is, to be copied.
      text.hasSuffix("\n")
        ? SafeText.block(String(text.dropLast())).split(separator: "\n", omittingEmptySubsequences: false).map(
          String.init)
        : WordWrap.lines(SafeText.block(text), to: options.width)
    case .list(let values):
      if let table = Tabulation.table(values) {
        TextTable(options).lines(table)
      } else {
        values.isEmpty ? ["[]"] : values.map(CellText.of)
      }
    default: [CellText.of(value)]
    }
  }

  private func fields(_ record: Record, indent: Int = 0) -> [String] {
    let names = record.names.map(SafeText.line)
    let width = names.map { DisplayWidth.of($0) }.max() ?? 0
    return zip(names, record.fields).flatMap { name, field -> [String] in
      let label = Escape.paint(name, .dim, when: options.colour)
      let fill = String(repeating: " ", count: width - DisplayWidth.of(name) + 2)
      let text = CellText.of(field.value)
      // Escape codes have no width, so the value is wrapped without its label.
      let room = options.width.map { max(20, $0 - indent - width - 2) } ?? .max
      let lines = DisplayWidth.of(text) <= room ? [text] : WordWrap.wrapped(text, to: room, indent: 0)
      return lines.enumerated().map { index, line in
        index == 0 ? label + fill + line : String(repeating: " ", count: width + 2) + line
      }
    }
  }

  private func draw(_ figure: Figure, width: Int, height: Int) -> [String] {
    TextFigure.draw(figure, width: width, height: height, unicode: options.unicode, colour: options.colour)
  }

  /// A figure alone fills the screen, except for title, axes, legend, notes and the next prompt.
  private func alone(_ figure: Figure) -> [String] {
    if let kind = options.images(),
      let image = TerminalImage.text(figure, as: kind, columns: min(options.width ?? Self.figureWidth, 100))
    {
      return [image]
    }
    let height = options.height.map { min(30, max(5, $0 - 9)) } ?? 15
    return draw(figure, width: min(options.width ?? Self.figureWidth, 120), height: height)
  }

  private func lines(_ report: Report) -> [String] {
    if report.title.isEmpty, report.sections.count == 1, case .figure(let figure)? = report.sections.first?.body {
      return alone(figure)
    }
    var out = report.title.isEmpty ? [] : heading(report.title, .bold, width: options.width)
    var rest = report.sections[...]
    while let section = rest.popFirst() {
      if !out.isEmpty { out.append("") }
      if let width = halfWidth, section.isFigure, let next = rest.first, next.isFigure {
        rest.removeFirst()
        out += beside(
          lines(section, figureWidth: width, headingWidth: width + 3),
          lines(next, figureWidth: width, headingWidth: width + 3), width: width + 4)
      } else {
        out += lines(section, figureWidth: figureWidth, headingWidth: options.width)
      }
    }
    return out
  }

  /// A heading, on several lines where it is too long for one.
  private func heading(_ text: String, _ style: Escape.Style, width: Int?) -> [String] {
    WordWrap.lines(SafeText.line(text), to: width).map { Escape.paint($0, style, when: options.colour) }
  }

  private func lines(_ section: Report.Section, figureWidth: Int, headingWidth: Int?) -> [String] {
    var out: [String] = []
    let isFigureTitle = if case .figure(let figure) = section.body { figure.title == section.heading } else { false }
    if !section.heading.isEmpty, !isFigureTitle {
      out += heading(section.heading, .cyan, width: headingWidth)
    }
    return out + body(section.body, figureWidth: figureWidth).map { $0.isEmpty ? "" : "  " + $0 }
  }

  private var figureWidth: Int { min(options.width.map { max(24, $0 - 2) } ?? Self.figureWidth, 100) }

  /// Width of each of two figures side by side; nil where the terminal is too narrow for two.
  private var halfWidth: Int? {
    let half = ((options.width ?? Self.pairWidth) - 8) / 2
    return half >= 44 ? min(half, 72) : nil
  }

  private func beside(_ left: [String], _ right: [String], width: Int) -> [String] {
    (0..<max(left.count, right.count)).map { row in
      let first = row < left.count ? left[row] : ""
      guard row < right.count, !right[row].isEmpty else { return first }
      // Escape codes of colours have no width.
      return first + String(repeating: " ", count: max(1, width - DisplayWidth.of(Escape.stripped(first)))) + right[row]
    }
  }

  private func body(_ body: Report.Body, figureWidth: Int) -> [String] {
    switch body {
    case .fields(let record): return fields(record, indent: 2)
    case .table(let table): return TextTable(options).lines(table, indent: 2)
    case .lines(let lines):
      return lines.flatMap { WordWrap.lines(SafeText.block($0), to: options.width.map { max(20, $0 - 2) }) }
    case .figure(let figure):
      return draw(figure, width: figureWidth, height: Self.figureHeight)
    }
  }
}

extension Report.Section {
  fileprivate var isFigure: Bool { if case .figure = body { true } else { false } }
}
