import Base
import Language

/// The session as its interpreter sees it. It does not keep the session alive: a session owns its interpreter, and a
/// session that is no longer used must close its files.
final class SessionHost: CommandHost {
  private unowned let session: Session

  init(_ session: Session) { self.session = session }

  var signatures: SignatureTable { session.signatures }

  func run(_ call: Call) throws -> Value { try session.run(call) }

  func write(
    to path: String, of type: ResultType.Shape?, at span: SourceSpan, _ value: () throws -> Value
  ) throws {
    try session.write(to: path, of: type, at: span, value)
  }
}
