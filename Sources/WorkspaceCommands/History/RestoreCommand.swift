import Base
import Language
import Session
import Workspace

/// Goes back to a snapshot.
struct RestoreCommand: Command {
  static let signature = Signature("restore", in: "time", "Returns the workspace to a snapshot")
    .effect(.changes, changing: "names of objects")
    .takesAway()
    .argument("name", .word("snapshot"), "The snapshot")
    .returns(.table(TravelTable.columns.signatures))
    .searchTerms("back", "revert", "snapshot", "state")
    .details("Names that were added after the snapshot are removed; `undo` restores them. Nothing is lost.")

  static let examples = [
    Example("snapshot start; drop twin; restore start | select name kind now", "Back to how it was")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let plan: Travel
    do {
      plan = try session.workspace.planRestore(call.string("name"))
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "name"))
    }
    if plan.moves.isEmpty { session.note("the workspace already is as in the snapshot; nothing changed") }
    session.changes.travels.append(plan)
    return .table(try TravelTable.make([plan], in: session.workspace))
  }
}
