import Base
import Language
import Session
import Workspace

/// Removes the protection that `freeze` gave.
struct UnfreezeCommand: Command {
  static let signature = Signature("unfreeze", in: "twins", "Lets commands change frozen parts again")
    .effect(.names, changing: "{object}")
    .argument("twin", .object(kinds: ["twin"]), "The twin")
    .argument("parts", .word("frozen"), "Parts as they were frozen; default all", optional: true, repeating: true)
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
