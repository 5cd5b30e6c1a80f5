import Base
import Language
import Session

/// Tells what is in a table, column by column.
struct DescribeCommand: Command {
  static let signature = Signature("describe", in: "tables", "Tells type, unit, nulls and spread of every column")
    .takes(.table)
    .returns(
      .table([
        ColumnSignature("column", "string"), ColumnSignature("type", "string"), ColumnSignature("unit", "string"),
        ColumnSignature("defined", "int", "Values that are not null"), ColumnSignature("null", "int"),
        ColumnSignature("mean", "float"), ColumnSignature("sd", "float"), ColumnSignature("min", "float"),
        ColumnSignature("median", "float"), ColumnSignature("max", "float"),
      ])
    )
    .searchTerms("summary", "statistics", "columns", "schema")

  static let examples = [
    Example("eval twin on sim/gaborium | describe", "What the scores look like")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    .table(TableOperations.describe(try call.table()))
  }
}
