import Base
import Language
import Session

/// Keeps the first of the rows that agree.
struct UniqueCommand: TableCommand {
  static let signature = Signature("unique", in: "tables", "Keeps the first of rows that have equal values")
    .argument("columns", .column, "Columns to compare; default all", optional: true, repeating: true)
    .takes(.table)
    .returns(.input)
    .searchTerms("distinct", "duplicates")

  static let examples = [
    Example("eval twin on sim/gaborium | unique reason", "One cell for each reason")
  ]

  func run(_ call: Call) throws -> Value {
    .table(try TableOperations.unique(call.table(), by: call.strings("columns")))
  }
}
