import Base
import Language
import Session
import Workspace

/// Takes back an undo.
struct RedoCommand: Command {
  static let signature = Signature("redo", in: "time", "Takes back what `undo` did")
    .effect(.session(.travels), changing: "names of objects")
    .takesAway()
    .argument("count", .int, "How many entries; default 1", optional: true)
    .returns(.table(TravelTable.columns.signatures))
    .searchTerms("again", "forward", "undo")
    .details(
      "Nothing is computed: names get the versions back that they had. After a new change, earlier undos can no longer be redone."
    )

  static let examples = [Example("freeze twin core; undo; redo", "Take back an undo")]

  func run(_ call: Call, in session: Session) throws -> Value {
    let plan = try session.workspace.planRedo(count: TravelTable.count(call))
    session.changes.travels += plan
    return .table(try TravelTable.make(plan, in: session.workspace))
  }
}
