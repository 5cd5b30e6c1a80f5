import Base
import Language
import Session

/// Marks the columns that `summarize` groups by.
struct GroupCommand: TableCommand {
  static let signature = Signature("group", in: "tables", "Groups rows by columns, for `summarize`")
    .argument("columns", .column, "Columns", repeating: true)
    .takes(.table)
    .returns(.grouped(by: "columns"))
    .searchTerms("by", "split", "aggregate")

  static let examples = [
    Example("eval twin on sim/gaborium | group reason | summarize count()", "How many cells for each reason")
  ]

  func run(_ call: Call) throws -> Value {
    GroupedTable(try call.table(), by: call.strings("columns")).value
  }
}
