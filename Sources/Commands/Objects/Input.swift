import Base
import Language
import Workspace

/// Brings back what an entry was.
struct Input: Command {
  static let signature = Signature("in", in: "workspace", "Brings back the text of an earlier entry")
    .argument("entry", .int, "Its number, as `history` lists it")
    .returns(.value)
    .searchTerms("source", "text", "recall", "entry", "history")
    .details(
      "The text as it was typed, nothing runs: `assert (in 12) =~ 'calibrate'`. `out 12` brings back its result.")

  static let examples: [Example] = []

  func run(_ call: Call, in session: Session) throws -> Value {
    do {
      return .string(try session.workspace.entry(Int64(try call.int("entry"))).source)
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "entry"))
    }
  }
}
