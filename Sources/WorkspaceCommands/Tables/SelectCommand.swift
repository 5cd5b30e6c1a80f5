import Base
import Language
import Session

/// Keeps columns.
struct SelectCommand: TableCommand {
  static let signature = Signature("select", in: "tables", "Keeps these columns, in this order")
    .argument("columns", .column, "Columns", repeating: true)
    .takes(.table)
    .returns(.selected(by: "columns"))
    .searchTerms("columns", "pick", "project")

  static let examples = [
    Example("eval twin on sim/gaborium | select cid bits_per_spike", "Two columns")
  ]

  func run(_ call: Call) throws -> Value {
    .table(try TableOperations.select(call.table(), call.strings("columns")))
  }
}
