import Base

/// Who owns the commands: the language knows their signatures and calls them through this.
public protocol CommandHost: AnyObject {
  var signatures: SignatureTable { get }

  /// - Throws: `Failure`; the interpreter adds the call's place where the failure has none.
  func run(_ call: Call) throws -> Value

  /// Writes what `value` yields to the file that a command line names behind `>`.
  ///
  /// - Throws: `Failure` before anything runs where the file can't be written; what `value` throws.
  func write(to path: String, at span: SourceSpan, _ value: () throws -> Value) throws
}

extension CommandHost {
  public func write(to path: String, at span: SourceSpan, _ value: () throws -> Value) throws {
    throw Failure(.usage, "no file can be written here", span: span)
  }
}
