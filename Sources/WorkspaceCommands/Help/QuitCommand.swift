import Base
import Language
import Session

/// Another word for `exit`.
struct QuitCommand: Command {
  static let signature = Signature("quit", in: "shell", "Ends the session, as `exit` does")
    .effect(.session(.manages))
    .searchTerms("exit", "leave")

  static let examples: [Example] = []

  func run(_ call: Call, in session: Session) throws -> Value { try ExitCommand().run(call, in: session) }
}
