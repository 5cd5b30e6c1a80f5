import Base
import Language
import Session
import Workspace

/// Brings back what an entry yielded.
struct OutCommand: Command {
  static let signature = Signature("out", in: "workspace", "Brings back the result of an earlier entry")
    .argument("entry", .int, "Its number, as `history` lists it")
    .returns(.any)
    .searchTerms("result", "recall", "entry")
    .details("Results are kept with the entry; nothing is computed again. In a pipe: `out 12 | where r > 0.2`.")

  static let examples: [Example] = []

  func run(_ call: Call, in session: Session) throws -> Value {
    let id = Int64(try call.int("entry"))
    session.changes.inputs.append(.entry(id, as: "out \(id)"))
    do {
      return try session.workspace.result(of: id)
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "entry"))
    }
  }
}
