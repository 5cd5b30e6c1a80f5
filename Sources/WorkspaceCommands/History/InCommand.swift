import Base
import Language
import Session
import Workspace

/// Returns the text of an earlier entry.
struct InCommand: Command {
  static let signature = Signature("in", in: "workspace", "Returns the text of an earlier entry")
    .effect(.session(.travels))
    .argument("entry", .int, "Its number, as `history` lists it")
    .flag("edit", "Put it on the next prompt, to edit and run")
    .returns(.value)
    .searchTerms("source", "text", "recall", "edit", "entry", "history")

  static let examples: [Example] = [Example("let first = in 1; print $first", "The text as it was typed")]

  func run(_ call: Call, in session: Session) throws -> Value {
    do {
      let record = try session.workspace.entry(Int64(try call.int("entry")))
      guard call.isSet("edit") else { return .string(record.source) }
      guard session.isInteractive else {
        throw Failure(
          .usage, "--edit works only at the prompt", hint: "leave it out: the result is the text",
          span: call.span(of: "edit"))
      }
      session.nextLine = record.source
      return .null
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "entry"))
    }
  }
}
