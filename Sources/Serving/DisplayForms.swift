import Base
import Rendering

/// Renders a result in the media types that a client asks for.
struct DisplayForms {
  static let types = ["text/plain", "text/html", "text/markdown", "image/svg+xml"]

  let wanted: [String]
  /// Number of rows of a table, or entries of a list, to show.
  let limit: Int
  let width: Int?
  /// The mode of `text/plain`.
  let mode: OutputMode

  /// The rendered forms by media type, in the order of the request, without those that the value does not have.
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

  /// The value with tables and lists cut to the limit, and a count of what is left out.
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
