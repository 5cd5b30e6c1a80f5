import Base
import Language
import Session
import Workspace

/// Runs an earlier entry again.
struct RerunCommand: Command {
  static let signature = Signature("rerun", in: "workspace", "Runs an earlier entry again, as a new entry")
    .effect(.session(.travels))
    .argument("entry", .int, "Its number, as `history` lists it")
    .flag("replace", "Replace objects that have the names that it gives")
    .returns(.any)
    .searchTerms("again", "repeat", "replay", "history", "entry")
    .details(
      """
      The text runs unchanged, in the folder where it was typed, on the objects that its names have now. The new entry's \
      origin names the old one. To edit the text first, use `in N --edit`.
      """)

  static let examples: [Example] = [
    Example("eval twin on sim/gaborium | count; rerun 4", "The same question again")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let id = Int64(try call.int("entry"))
    let record: EntryRecord
    do {
      record = try session.workspace.entry(id)
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "entry"))
    }
    guard record.status != .running else {
      throw Failure(.conflict, "entry \(id) is still running", span: call.span(of: "entry"))
    }
    var text = try EntryText(record, commands: session.commands)
    if call.isSet("replace") { text = try text.replacing() }
    session.note(text.text)
    let outcome = try session.again(text, origin: "rerun of \(id) in \(session.entry)")
    session.changes.inputs.append(.entry(outcome.entry, as: "rerun \(id)"))
    session.failedCheck = outcome.failedCheck
    switch outcome.result {
    case .success(let value): return value
    case .failure(var failure):
      // Its place is in the old text.
      failure.span = call.span
      throw failure
    }
  }
}
