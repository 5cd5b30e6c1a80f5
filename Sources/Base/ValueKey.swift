/// A value as a key of sets and groups. Equal values have equal keys, and 2 equals 2.0.
package struct ValueKey: Hashable {
  private indirect enum Content: Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case int(Int)
    case string(String)
    case list([ValueKey])
    case record([String], [ValueKey])
    case report(String)
  }

  private let content: Content

  package init(_ value: Value) {
    content =
      switch value {
      case .null: .null
      case .bool(let truth): .bool(truth)
      case .int(let whole): .int(whole)
      case .double(let number): number.isNaN ? .null : Int(exactly: number).map(Content.int) ?? .number(number)
      case .string(let text): .string(text)
      case .list(let elements): .list(elements.map(ValueKey.init))
      case .record(let record): .record(record.names, record.fields.map { ValueKey($0.value) })
      case .table(let table):
        .record(table.names, table.columns.map { ValueKey(.list((0..<$0.count).map($0.value))) })
      case .report(let report): .report(report.title)
      }
  }
}

extension Column {
  fileprivate func value(_ row: Int) -> Value { self[row] }
}
