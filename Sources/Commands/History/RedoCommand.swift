import Base
import Language
import Session
import Workspace

/// Does again what was undone.
struct RedoCommand: Command {
  static let signature = Signature("redo", in: "time", "Does again what `undo` took back")
    .effect(.session(.travels), changing: "names of objects")
    .argument("count", .int, "How many entries; one if not said", optional: true)
    .returns(.table(TravelTable.signature))
    .searchTerms("again", "forward", "undo")
    .details(
      "Nothing is computed: names point again to the versions that were there. A new change ends what can be redone.")

  static let examples = [Example("freeze twin core; undo; redo", "Take back an undo")]

  func run(_ call: Call, in session: Session) throws -> Value {
    let plan = try session.workspace.planRedo(count: TravelTable.count(call))
    session.changes.travels += plan
    return .table(try TravelTable.make(plan, in: session.workspace))
  }
}
