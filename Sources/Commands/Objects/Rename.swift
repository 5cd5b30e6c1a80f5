import Base
import Language

/// Gives an object another name.
struct Rename: Command {
  static let signature = Signature("rename", in: "objects", "Gives an object another name")
    .argument("from", .object(kinds: []), "The name it has")
    .argument("to", .newName, "The name it gets")
    .searchTerms("mv", "move", "name")

  static let examples = [Example("open checkpoints/twin.ckpt as t2; rename t2 twin2; drop twin2", "A clearer name")]

  func run(_ call: Call, in session: Session) throws -> Value {
    let from = try call.string("from"), to = try call.string("to")
    _ = try session.lookup(from, at: call.span(of: "from"))
    if from == to { return .null }
    try session.checkNew(to, replacing: false, at: call.span(of: "to"))
    session.changes.renamed.append((from: from, to: to))
    return .null
  }
}
