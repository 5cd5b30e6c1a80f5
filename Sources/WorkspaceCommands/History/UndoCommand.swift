import Base
import Language
import Session
import Workspace

/// Takes back what entries changed in the workspace.
struct UndoCommand: Command {
  static let signature = Signature("undo", in: "time", "Takes back what the last entries changed in the workspace")
    .effect(.session(.travels), changing: "names of objects")
    .takesAway()
    .argument("count", .int, "How many of the entries that changed something; default 1", optional: true)
    .flag("to", .int, "Undo this entry and all later ones")
    .returns(.table(TravelTable.columns.signatures))
    .searchTerms("back", "revert", "rollback", "restore", "take back", "oops")
    .details(
      """
      Every name gets the version back that it had before the entry. This undoes open, rename, drop, freeze, refit, \
      calibrate, restore, and tables kept with `as`; the calibrations in use are restored as well. Nothing is lost: `redo` \
      takes the undo back until you change something else, and versions stay until `clean --undo`. Your files are untouched. \
      undo takes this session's own entries first, then older ones. If another session has changed the same names since, \
      nothing is undone and the error names the entry.
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
