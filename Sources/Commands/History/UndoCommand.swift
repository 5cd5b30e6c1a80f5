import Base
import Language
import Session
import Workspace

/// Takes back what entries changed in the workspace.
struct UndoCommand: Command {
  static let signature = Signature("undo", in: "time", "Takes back what the last entries changed in the workspace")
    .effect(.session(.travels), changing: "names of objects")
    .argument("count", .int, "How many entries that changed something; one if not said", optional: true)
    .flag("to", .int, "Go back to before this entry")
    .returns(.table(TravelTable.signature))
    .searchTerms("back", "revert", "rollback", "restore", "take back", "oops")
    .details(
      """
      Every name points again to what it pointed to before the entry: open, rename, drop, freeze, refit, calibrate, tables \
      kept with `as`, restore. Calibrations in force go back too. Nothing is lost: `redo` brings it back until something new \
      is changed, and versions stay until `clean --undo`. Files outside the workspace stay as they are. This session's own entries come first, then older ones. Where \
      another session has changed the same names since, nothing is undone, and the entry is named.
      """)

  static let examples = [
    Example("freeze twin core; undo", "Take back the last change"),
    Example("eval twin on sim/gaborium as scores; drop scores; undo 2", "The last two"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    if call.isGiven("to"), call.isGiven("count") {
      throw Failure(.usage, "undo takes a number or --to", hint: "leave out one of them", span: call.span(of: "to"))
    }
    let count = try TravelTable.count(call)
    let plan = try session.workspace.planUndo(count: count, to: call.optionalInt("to").map(Int64.init))
    session.changes.travels += plan
    return .table(try TravelTable.make(plan, in: session.workspace))
  }
}
