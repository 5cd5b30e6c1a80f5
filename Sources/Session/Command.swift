import Base
import Language

/// A command is a value: what it takes and yields, examples that run as tests, and what it does.
public protocol Command: Sendable {
  static var signature: Signature { get }
  static var examples: [Example] { get }
  init()
  func run(_ call: Call, in session: Session) throws -> Value
}

/// A command that works on what the pipe hands it: it can neither read the workspace nor change it.
package protocol TableCommand: Command {
  func run(_ call: Call) throws -> Value
}

extension TableCommand {
  public func run(_ call: Call, in session: Session) throws -> Value { try run(call) }
}
