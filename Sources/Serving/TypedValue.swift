import Base
import Rendering

/// A value as JSON with its type; tables column by column, with units. Rows and entries that are left out are counted.
enum TypedValue {
  /// - Parameter limit: number of rows of a table, or entries of a list, to keep.
  static func of(_ value: Value, limit: Int) -> Value {
    switch value {
    case .null: .record(Record([("type", .string("null"))]))
    case .bool, .int, .double, .string:
      .record(Record([("type", .string(value.typeName)), ("value", value)]))
    case .list(let values):
      .record(
        Record([
          ("type", .string("list")), ("values", .list(values.prefix(limit).map { of($0, limit: limit) })),
          ("total", .int(values.count)),
        ]))
    case .record(let record):
      .record(
        Record([
          ("type", .string("record")),
          ("fields", .record(Record(record.fields.map { ($0.name, of($0.value, limit: limit)) }))),
        ]))
    case .table(let table): .record(self.table(table, limit: limit))
    case .report(let report):
      .record(
        Record([
          ("type", .string("report")), ("title", .string(report.title)),
          ("sections", .list(report.sections.map { section($0, limit: limit) })),
        ]))
    }
  }

  private static func table(_ table: Table, limit: Int) -> Record {
    let columns = table.columns.map { column in
      Value.record(
        Record([
          ("name", .string(column.name)), ("type", .string(column.typeName)),
          ("unit", column.unit.map(Value.string) ?? .null),
        ]))
    }
    let rows = (0..<min(limit, table.rowCount)).map { row in Value.list(table.columns.map { $0[row] }) }
    return Record([
      ("type", .string("table")), ("columns", .list(columns)), ("rows", .list(rows)), ("total", .int(table.rowCount)),
      ("note", table.note.map(Value.string) ?? .null),
    ])
  }

  private static func section(_ section: Report.Section, limit: Int) -> Value {
    let content: Value =
      switch section.body {
      case .fields(let record): of(.record(record), limit: limit)
      case .table(let table): of(.table(table), limit: limit)
      case .lines(let lines): .record(Record([("type", .string("lines")), ("lines", .list(lines.map(Value.string)))]))
      case .figure(let figure):
        .record(Record([("type", .string("figure"))] + JSONText.record(figure).fields.map { ($0.name, $0.value) }))
      }
    return .record(Record([("heading", .string(section.heading)), ("content", content)]))
  }
}
