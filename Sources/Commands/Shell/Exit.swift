import Base
import Language

/// Ends the session.
struct Exit: Command {
  static let signature = Signature("exit", in: "shell", "Ends the session; everything is kept already")
    .searchTerms("quit", "leave", "bye")

  static let examples: [Example] = []

  func run(_ call: Call, in session: Session) throws -> Value {
    session.isFinished = true
    return .null
  }
}

/// Another word for `exit`.
struct Quit: Command {
  static let signature = Signature("quit", in: "shell", "Ends the session, as `exit` does")
    .searchTerms("exit", "leave")

  static let examples: [Example] = []

  func run(_ call: Call, in session: Session) throws -> Value { try Exit().run(call, in: session) }
}
