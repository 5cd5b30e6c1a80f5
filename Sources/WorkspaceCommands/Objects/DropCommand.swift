import Base
import Language
import Session

/// Takes names away.
struct DropCommand: Command {
  static let signature = Signature(
    "drop", in: "objects", "Removes an object, a variable or a definition; your files are untouched"
  )
  .effect(.names, changing: "{object}")
  .argument("names", .object(kinds: []), "Names of what to remove", repeating: true)
  .removesNames("names")
  .takesAway()
  .searchTerms("remove", "delete", "rm", "close")
  .details(
    """
    History keeps what the object was; `undo` brings it back until `clean --undo` frees what no name points to. \
    `drop NAME` removes the object of that name; if there is none, the variable `$NAME`, or else the definition. `drop $NAME` \
    removes a variable that holds a table, a list or a number; where it holds text, the text is the name. `undo` does not \
    restore variables and definitions.
    """)

  static let examples = [Example("eval twin on sim/gaborium as scores; drop scores", "Forget a table")]

  func run(_ call: Call, in session: Session) throws -> Value {
    for name in call.strings("names") {
      if name.hasPrefix("$") {
        guard session.forget(variable: String(name.dropFirst())) else {
          throw Failure(
            .missing, "there is no variable `\(name)`", hint: "`ls variable` lists them", span: call.span(of: "names"))
        }
        continue
      }
      if try session.workspace.lookup(name) == nil {
        if session.forget(variable: name) || session.forget(definition: name) { continue }
      }
      _ = try session.lookup(name, at: call.span(of: "names"))
      session.changes.dropped.append(name)
    }
    return .null
  }
}
