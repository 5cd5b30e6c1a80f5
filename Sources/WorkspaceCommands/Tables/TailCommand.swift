import Base
import Language
import Session

/// Keeps the last rows.
struct TailCommand: TableCommand {
  static let signature = Signature("tail", in: "tables", "Keeps the last rows, default 10")
    .argument("count", .int, "Number of rows", optional: true)
    .takes(.table)
    .returns(.input)
    .searchTerms("last", "bottom")

  static let examples = [
    Example("eval twin on sim/gaborium | tail 3", "The last three cells")
  ]

  func run(_ call: Call) throws -> Value {
    .table(try TableOperations.tail(call.table(), call.optionalInt("count") ?? 10))
  }
}
