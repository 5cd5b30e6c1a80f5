import Base
import Rendering

/// A result rendered for people, in the forms that a client asks for.
struct DisplayForms {
  static let types = ["text/plain", "text/html", "text/markdown", "image/svg+xml"]

  let wanted: [String]
  /// Rows of a table and entries of a list that are shown.
  let limit: Int
  let width: Int?
  /// For `text/plain`.
  let mode: OutputMode

  /// By media type, in the order asked for; a form that the value does not have is left out.
  func render(_ value: Value) -> Record {
    let shown = shortened(value)
    var forms = Record()
    for type in wanted { forms[type] = text(shown, as: type).map(Value.string) }
    return forms
  }

  private func text(_ value: Value, as type: String) -> String? {
    switch type {
    case "text/plain": Renderer(RenderOptions(mode: mode, width: width)).render(value)
    case "text/html": HTMLText.render(value, HTMLText.Options(drawsFigures: true))
    case "text/markdown": Renderer(.batch(.markdown)).render(value)
    default: FigureImage.svg(Self.figures(value))
    }
  }

  static func figures(_ value: Value) -> [Figure] {
    guard case .report(let report) = value else { return [] }
    return report.sections.compactMap { if case .figure(let figure) = $0.body { figure } else { nil } }
  }

  /// The value with its tables and lists cut to the limit, and how much that leaves out.
  private func shortened(_ value: Value) -> Value {
    switch value {
    case .table(let table): .table(shortened(table))
    case .list(let values) where values.count > limit:
      .list(values.prefix(limit) + [.string("… \(limit) of \(values.count) entries shown")])
    case .report(let report):
      .report(
        Report(
          report.title,
          report.sections.map { section in
            guard case .table(let table) = section.body else { return section }
            return Report.Section(section.heading, .table(shortened(table)))
          }))
    default: value
    }
  }

  private func shortened(_ table: Table) -> Table {
    guard table.rowCount > limit else { return table }
    var shown = table.gathering(Array(0..<limit))
    shown.note = "\(limit) of \(table.rowCount) rows shown" + (table.note.map { "; \($0)" } ?? "")
    return shown
  }
}
