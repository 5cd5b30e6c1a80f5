import Base
import Language
import Session
import Workspace

/// Brings back what was typed.
struct InCommand: Command {
  static let signature = Signature("in", in: "workspace", "Brings back the text of an earlier entry")
    .effect(.session(.travels))
    .argument("entry", .int, "Its number, as `history` lists it")
    .flag("edit", "Offer it at the next prompt, to be changed and run")
    .returns(.value)
    .searchTerms("source", "text", "recall", "edit", "entry", "history")

  static let examples: [Example] = [Example("let first = in 1; print $first", "The text as it was typed")]

  func run(_ call: Call, in session: Session) throws -> Value {
    do {
      let record = try session.workspace.entry(Int64(try call.int("entry")))
      guard call.isSet("edit") else { return .string(record.source) }
      guard session.isInteractive else {
        throw Failure(
          .usage, "--edit needs someone at the prompt", hint: "leave it out: the text is the result",
          span: call.span(of: "edit"))
      }
      session.nextLine = record.source
      return .null
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "entry"))
    }
  }
}
