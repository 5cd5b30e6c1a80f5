import Base
import Language
import Session
import Workspace

/// Adds the columns of another table to rows with equal values.
struct JoinCommand: Command {
  static let signature = Signature(
    "join", in: "tables", "Adds another table's columns to rows with equal values in some columns"
  )
  .argument("table", .value, "The other table, or the name of one in the workspace")
  .argument("on", .column, "Columns whose values must be equal", keyword: "on", repeating: true)
  .flag("left", "Also keep rows without a match, with nulls")
  .takes(.table)
  .returns(.joined(with: "table", on: "on"))
  .searchTerms("merge", "combine", "match", "side by side")
  .details(
    """
    A null is equal to nothing. If both tables have a column that is not joined on, the other table's column is renamed to \
    NAME_2.
    """)

  static let examples = [
    Example(
      "let val = eval twin on sim/gaborium; eval twin on sim/gaborium --split train | join $val on cid | select cid r r_2",
      "Training and held-out correlation of every cell")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    guard let other = try named(call, in: session) ?? call.value("table").flatMap(TableOperations.table(from:)) else {
      throw Failure(
        .usage, "join needs a table to join with",
        hint: "write `join $table on cid`, `join (…) on cid`, or the name of a table: `open FILE.csv` makes one",
        span: call.span(of: "table"))
    }
    let columns = call.strings("on")
    for name in columns where other[name] == nil {
      throw TableOperations.missingPartner(name, known: other.names, at: call.span(of: "on"))
    }
    return .table(try TableOperations.join(call.table(), other, on: columns, keepsLeft: call.isSet("left")))
  }

  /// The table of the workspace that a word names; nil for a value of any other kind.
  private func named(_ call: Call, in session: Session) throws -> Table? {
    guard case .string(let name)? = call.value("table"), let record = try session.workspace.lookup(name),
      let payload = record.payload as? TablePayload, case .table(let table)? = try payload.value(in: session.workspace)
    else { return nil }
    session.changes.inputs.append(.init(role: "table", version: record.id, detail: name))
    return table
  }
}
