import Base
import Language
import Session

/// Summarises a table, column by column.
struct DescribeCommand: TableCommand {
  static let signature = Signature("describe", in: "tables", "Shows type, unit, nulls and spread of every column")
    .takes(.table)
    .returns(.table(TableOperations.descriptionColumns.signatures))
    .searchTerms("summary", "statistics", "columns", "schema")

  static let examples = [
    Example("eval twin on sim/gaborium | describe", "What the scores look like")
  ]

  func run(_ call: Call) throws -> Value {
    .table(TableOperations.describe(try call.table()))
  }
}
