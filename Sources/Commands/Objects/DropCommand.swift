import Base
import Language
import Session

/// Takes names away.
struct DropCommand: Command {
  static let signature = Signature("drop", in: "objects", "Removes an object; your files are untouched")
    .effect(.names, changing: "{object}")
    .argument("names", .object(kinds: []), "Names of the objects to remove", repeating: true)
    .removesNames("names")
    .searchTerms("remove", "delete", "rm", "close")
    .details(
      "History keeps what the object was; `undo` brings it back until `clean --undo` frees what no name points to.")

  static let examples = [Example("eval twin on sim/gaborium as scores; drop scores", "Forget a table")]

  func run(_ call: Call, in session: Session) throws -> Value {
    for name in call.strings("names") {
      _ = try session.lookup(name, at: call.span(of: "names"))
      session.changes.dropped.append(name)
    }
    return .null
  }
}
