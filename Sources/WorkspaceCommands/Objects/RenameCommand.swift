import Base
import Language
import Session

/// Gives an object, or a column of the piped table, another name.
struct RenameCommand: Command {
  static let signature = Signature(
    "rename", in: "objects", "Gives an object, or a column of the piped table, another name"
  )
  .effect(.names)
  .argument("from", .object(kinds: []), "Its present name")
  .argument("to", .newName, "Its new name")
  .takes(.any)
  .returns(.renamed(from: "from", to: "to"))
  .removesNames("from")
  .searchTerms("mv", "move", "name", "column")

  static let examples = [
    Example("open checkpoints/twin.ckpt as t2; rename t2 twin2; drop twin2", "A clearer name"),
    Example("eval twin on sim/gaborium | rename r pearson | head 3", "A column's name"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let from = try call.string("from")
    let to = try call.string("to")
    if call.input != nil {
      do {
        return .table(try TableOperations.rename(call.table(), [(old: from, new: to)]))
      } catch let failure as Failure {
        throw failure.located(at: call.span(of: "from"))
      }
    }
    _ = try session.lookup(from, at: call.span(of: "from"))
    if from == to { return .null }
    do {
      try session.checkNew(to, replacing: false, at: call.span(of: "to"))
    } catch var failure as Failure {
      if failure.kind == .conflict { failure.hint = "`drop \(to)` first, or choose another name" }
      throw failure
    }
    session.changes.renamed.append((from: from, to: to))
    return .null
  }
}
