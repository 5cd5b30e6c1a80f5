import Base
import Language
import Session
import Workspace

/// Protects parameters of a twin: no command may change them.
struct FreezeCommand: Command {
  static let signature = Signature("freeze", in: "twins", "Protects parts of a twin: no command may change them")
    .effect(.names, changing: "{object}")
    .argument("twin", .object(kinds: ["twin"]), "The twin")
    .argument(
      "parts", .word("part"), "core, a part (adapter, frontend, convnet, …), or a pattern over parameter names",
      repeating: true
    )
    .returns(.record)
    .searchTerms("lock", "fix", "core", "parameters")
    .details(
      "The twin keeps and saves its frozen parts. Patterns may contain `*`: `freeze twin 'convnet.layers.0.*'`.")

  static let examples = [
    Example("freeze twin core", "What all sessions share"),
    Example("freeze twin 'readouts.0.*'; unfreeze twin 'readouts.0.*'", "One session's readout, and back"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("twin")
    let twin = try session.loadTwin(name, at: call.span(of: "twin"))
    for pattern in call.strings("parts") {
      try FrozenParameters.checkMatches(pattern, in: twin, at: call.span(of: "parts"))
    }
    let patterns = twin.payload.frozen + call.strings("parts").filter { !twin.payload.frozen.contains($0) }
    return session.setFrozen(patterns, of: twin, named: name)
  }
}
