import Base
import Language

/// A command is a value: what it takes and yields, examples that run as tests, and what it does.
public protocol Command: Sendable {
  static var signature: Signature { get }
  static var examples: [Example] { get }
  init()
  func run(_ call: Call, in session: Session) throws -> Value
}
