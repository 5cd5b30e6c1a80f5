import Base
import Language
import Session

/// Keeps the first rows.
struct HeadCommand: TableCommand {
  static let signature = Signature("head", in: "tables", "Keeps the first rows, default 10")
    .argument("count", .int, "Number of rows", optional: true)
    .takes(.table)
    .returns(.input)
    .searchTerms("first", "top", "limit")

  static let examples = [
    Example("eval twin on sim/gaborium | sort rate_hz --reverse | head 3", "The three most active cells")
  ]

  func run(_ call: Call) throws -> Value {
    .table(try TableOperations.head(call.table(), call.optionalInt("count") ?? 10))
  }
}
