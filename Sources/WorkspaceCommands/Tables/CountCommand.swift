import Base
import Language
import Session

/// Counts rows.
struct CountCommand: TableCommand {
  static let signature = Signature("count", in: "tables", "Counts rows, or how often values occur")
    .argument("columns", .column, "Columns whose values are counted", optional: true, repeating: true)
    .takes(.table)
    .returns(.counted(by: "columns"))
    .searchTerms("number", "how many", "frequency", "length")

  static let examples = [
    Example("eval twin on sim/gaborium | where reason == null | count", "How many cells are scored"),
    Example("eval twin on sim/gaborium | count reason", "How many for each reason"),
  ]

  func run(_ call: Call) throws -> Value {
    let table = try call.table()
    let columns = call.strings("columns")
    return columns.isEmpty ? .int(table.rowCount) : .table(try TableOperations.count(table, by: columns))
  }
}
