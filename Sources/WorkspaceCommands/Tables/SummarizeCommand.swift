import Base
import Language
import Session

/// Computes values over all rows, or over the rows of each group.
struct SummarizeCommand: TableCommand {
  static let signature = Signature(
    "summarize", in: "tables", "Computes values over all rows, or over the rows of each group"
  )
  .argument("expressions", .rowExpression, "Expressions of functions over columns: mean(r) count()", repeating: true)
  .argument("by", .column, "Columns to group by", keyword: "by", optional: true, repeating: true)
  .takes(.any)
  .returns(.summary(of: "expressions", by: "by"))
  .searchTerms("aggregate", "mean", "median", "count", "statistics", "average")
  .details(
    """
    The result has one row, or one row for each group in the order in which the groups first appear. A column is named after \
    its expression: mean(bits_per_spike) becomes mean_bits_per_spike. Undefined values are left out; a note below the \
    table says how many. count() counts rows, count(r) counts values that are not null. ci(mean, r) is the 95 % \
    interval of mean(r), in the columns mean_r_lower and mean_r_upper.
    """)

  static let examples = [
    Example("eval twin on sim/gaborium | summarize mean(bits_per_spike) sd(bits_per_spike) count()", "Over all cells"),
    Example("eval twin on sim/gaborium | summarize median(r) by reason", "Over the cells of each reason"),
    Example(
      "eval twin on sim/gaborium | summarize mean(bits_per_spike) ci(mean, bits_per_spike)", "A mean with its interval"),
  ]

  func run(_ call: Call) throws -> Value {
    let expressions = call.rowExpressions("expressions")
    let keys = call.strings("by")
    if let grouped = GroupedTable(call.input) {
      return .table(try TableOperations.summarize(grouped.table, expressions, by: grouped.keys + keys))
    }
    return .table(try TableOperations.summarize(call.table(), expressions, by: keys))
  }
}
