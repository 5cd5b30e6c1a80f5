import Base
import Language
import Session

/// Takes names away.
struct DropCommand: Command {
  static let signature = Signature(
    "drop", in: "objects", "Takes a name away: of an object, a variable or a definition; your files stay"
  )
  .effect(.names, changing: "{object}")
  .argument("names", .object(kinds: []), "What shall lose its name", repeating: true)
  .removesNames("names")
  .takesAway()
  .searchTerms("remove", "delete", "rm", "close")
  .details(
    """
    History keeps what the object was; `undo` brings it back until `clean --undo` frees what no name points to. \
    `drop NAME` takes the object, or else the variable `$NAME`, or else the definition. `drop $NAME` takes a variable that \
    holds a table, a list or a number; where it holds text, the text is the name. Variables and definitions do not come \
    back with `undo`.
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
