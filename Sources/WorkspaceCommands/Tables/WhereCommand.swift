import Base
import Language
import Session

/// Keeps the rows for which a predicate over the columns holds.
struct WhereCommand: TableCommand {
  static let signature = Signature("where", in: "tables", "Keeps the rows that meet a condition")
    .argument("condition", .rowExpression, "A condition over the columns; rows where it is null are left out")
    .takes(.table)
    .returns(.input)
    .searchTerms("filter", "only", "rows", "condition")
    .details(
      """
      Bare names are columns, text is quoted. `<`, `<=`, `>`, `>=` never hold for null, and a line under the table says how \
      many rows that concerns; `== null` and `!= null` find them. `=~` looks for a regular expression in text. A number may \
      have a unit: `rate_hz > 5 Hz`. Functions such as mean(bits_per_spike) take all rows, others such as abs(r) the row's \
      value.
      """)

  static let examples = [
    Example("eval twin on sim/gaborium | where bits_per_spike < 0.1 and reason == null", "Poorly predicted cells"),
    Example("eval twin on sim/gaborium | where rate_hz > median(rate_hz)", "The more active half"),
    Example("eval twin on sim/gaborium | where rate_hz > 5 Hz and reason == null", "With the column's unit"),
  ]

  func run(_ call: Call) throws -> Value {
    .table(try TableOperations.filter(call.table(), where: call.rows("condition")))
  }
}
