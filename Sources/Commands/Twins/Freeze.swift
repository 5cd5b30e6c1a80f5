import Base
import Language
import Twin
import Workspace

/// Marks parameters of a twin that no command may change.
struct Freeze: Command {
  static let signature = Signature("freeze", in: "twins", "Marks parts of a twin that no command may change")
    .argument("twin", .object(kinds: ["twin"]), "The twin")
    .argument(
      "parts", .word("part"), "core, a part (adapter, frontend, convnet, …), or a pattern over parameter names",
      repeating: true
    )
    .returns(.record)
    .searchTerms("lock", "fix", "core", "parameters")
    .details(
      "The state is the twin's own and is saved with it. Patterns may hold `*`: `freeze twin 'convnet.layers.0.*'`.")

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

/// Lifts what `freeze` marked.
struct Unfreeze: Command {
  static let signature = Signature("unfreeze", in: "twins", "Lets commands change frozen parts again")
    .argument("twin", .object(kinds: ["twin"]), "The twin")
    .argument("parts", .word("frozen"), "As they were frozen; all where none is named", optional: true, repeating: true)
    .returns(.record)
    .searchTerms("unlock", "thaw", "parameters")

  static let examples = [Example("unfreeze twin", "Everything")]

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("twin")
    let twin = try session.loadTwin(name, at: call.span(of: "twin"))
    let lifted = call.strings("parts")
    if let unknown = lifted.first(where: { !twin.payload.frozen.contains($0) }) {
      throw Failure(
        .missing, "`\(unknown)` is not frozen in `\(name)`",
        hint: Suggestion.hint(for: unknown, among: twin.payload.frozen)
          ?? (twin.payload.frozen.isEmpty ? "nothing is" : "frozen: \(twin.payload.frozen.joined(separator: ", "))"),
        span: call.span(of: "parts"))
    }
    return session.setFrozen(
      lifted.isEmpty ? [] : twin.payload.frozen.filter { !lifted.contains($0) }, of: twin, named: name)
  }
}

extension Session {
  fileprivate func setFrozen(_ patterns: [String], of twin: LoadedTwin, named name: String) -> Value {
    if patterns != twin.payload.frozen {
      var payload = twin.payload
      payload.frozen = patterns
      changes.versions.append(
        .init(.twin(payload), name: name, parent: twin.record.id, replacing: .version(twin.record.id)))
    }
    let frozen = FrozenParameters(patterns: patterns).parameters(of: twin.architecture)
    return .record(
      Record([
        ("twin", .string(name)), ("frozen", .string(patterns.isEmpty ? "nothing" : patterns.joined(separator: ", "))),
        ("tensors", .int(frozen.count)), ("of", .int(twin.architecture.parameters.count)),
        ("values", .int(frozen.reduce(0) { $0 + $1.shape.reduce(1, *) })),
      ]))
  }
}
