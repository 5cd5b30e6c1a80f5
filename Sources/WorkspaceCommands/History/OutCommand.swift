import Base
import Language
import Session
import Workspace

/// Returns the result of an earlier entry.
struct OutCommand: Command {
  static let signature = Signature("out", in: "workspace", "Returns the result of an earlier entry")
    .argument("entry", .int, "Its number, as `history` lists it")
    .returns(.any)
    .searchTerms("result", "recall", "entry")
    .details("vcsh keeps results with their entries and computes nothing again. In a pipe: `out 12 | where r > 0.2`.")

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
