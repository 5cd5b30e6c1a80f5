import Base
import Session

/// A table with the columns that it is grouped by, as `group` hands it to `summarize`.
struct GroupedTable {
  let keys: [String]
  let table: Table

  init(_ table: Table, by keys: [String]) {
    self.keys = keys
    self.table = table
  }

  /// Nil where the value is not a grouped table.
  init?(_ value: Value?) {
    guard case .record(let record)? = value, case .list(let names)? = record["groups"],
      case .table(let table)? = record["table"]
    else { return nil }
    self.init(table, by: names.map(\.plainText))
  }

  var value: Value {
    .record(Record([("groups", .list(keys.map(Value.string))), ("table", .table(table))]))
  }
}
