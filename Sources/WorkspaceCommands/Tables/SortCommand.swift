import Base
import Language
import Session

/// Orders rows by columns.
struct SortCommand: TableCommand {
  static let signature = Signature("sort", in: "tables", "Sorts rows by columns; nulls come last")
    .argument("columns", .column, "Columns; a later one sorts rows that are equal in the earlier ones", repeating: true)
    .flag("reverse", "Largest first")
    .takes(.table)
    .returns(.input)
    .searchTerms("order", "rank", "descending", "ascending")

  static let examples = [
    Example("eval twin on sim/gaborium | sort bits_per_spike --reverse", "Best cells first")
  ]

  func run(_ call: Call) throws -> Value {
    .table(
      try TableOperations.sort(call.table(), by: call.strings("columns"), descending: call.isSet("reverse")))
  }
}
