import Base

/// Renders values in a markup language.
protocol MarkupText {
  static func render(_ table: Table) -> String
  static func render(_ report: Report) -> String
  static func fields(_ record: Record) -> String
  static func escaped(_ text: String) -> String
}

extension MarkupText {
  static func render(_ value: Value) -> String {
    switch value {
    case .null: return ""
    case .report(let report): return render(report)
    case .record(let record): return fields(record)
    case .list, .table: return Tabulation.table(value).map(render) ?? ""
    default: return escaped(CellText.of(value)) + "\n"
    }
  }
}
