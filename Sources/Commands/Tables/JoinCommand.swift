import Base
import Language
import Session

/// Puts the columns of two tables side by side where they agree.
struct JoinCommand: Command {
  static let signature = Signature("join", in: "tables", "Adds another table's columns where rows agree")
    .argument("table", .value, "The other table")
    .argument("on", .column, "Columns that must agree", keyword: "on", repeating: true)
    .flag("left", "Keep rows without a partner, with nulls")
    .takes(.table)
    .returns(.joined(with: "table", on: "on"))
    .searchTerms("merge", "combine", "match", "side by side")
    .details(
      """
      A null agrees with nothing. A column of both tables that is not joined on is called NAME_2 where it comes from the \
      other table.
      """)

  static let examples = [
    Example(
      "let val = eval twin on sim/gaborium; eval twin on sim/gaborium --split train | join $val on cid | select cid r r_2",
      "Training and held-out correlation of every cell")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    guard let other = call.value("table").flatMap(TableOperations.table(from:)) else {
      throw Failure(
        .usage, "join needs a table to join with", hint: "write `join $table on cid` or `join (…) on cid`",
        span: call.span(of: "table"))
    }
    let columns = call.strings("on")
    for name in columns where other[name] == nil {
      throw TableOperations.missingPartner(name, known: other.names, at: call.span(of: "on"))
    }
    return .table(try TableOperations.join(call.table(), other, on: columns, keepsLeft: call.isSet("left")))
  }
}
