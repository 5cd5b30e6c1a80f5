import Base
import Language

/// Keeps the rows for which a predicate over the columns holds.
struct Where: Command {
  static let signature = Signature("where", in: "tables", "Keeps the rows for which a condition holds")
    .argument("condition", .rowExpression, "A condition over the columns; a null does not hold")
    .takes(.table)
    .returns(.input)
    .searchTerms("filter", "only", "rows", "condition")
    .details(
      """
      Bare names are columns, text is quoted. `<`, `<=`, `>`, `>=` never hold for null; `== null` and `!= null` find it. \
      Functions such as mean(bits_per_spike) take all rows, others such as abs(r) the row's value.
      """)

  static let examples = [
    Example("eval twin on sim/gaborium | where bits_per_spike < 0.1 and reason == null", "Poorly predicted cells"),
    Example("eval twin on sim/gaborium | where rate_hz > median(rate_hz)", "The more active half"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    .table(try TableOperations.filter(call.table(), where: call.rows("condition")))
  }
}
