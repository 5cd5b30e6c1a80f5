import Base
import Language
import Session

/// Ends the session.
struct ExitCommand: Command {
  static let signature = Signature("exit", in: "shell", "Ends the session; the workspace is already saved")
    .effect(.session(.manages))
    .searchTerms("quit", "leave", "bye")

  static let examples: [Example] = []

  func run(_ call: Call, in session: Session) throws -> Value {
    session.isFinished = true
    return .null
  }
}
