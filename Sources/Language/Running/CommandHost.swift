import Base

/// Runs the commands. The language knows only their signatures and calls them through this protocol.
public protocol CommandHost: AnyObject {
  var signatures: SignatureTable { get }

  /// - Throws: `Failure`; the interpreter adds the call's place to a failure without one.
  func run(_ call: Call) throws -> Value

  /// Writes the result of `value` to the file after `>`.
  ///
  /// - Parameter type: what kind of value that will be, as far as it is known before it is computed.
  /// - Throws: `Failure` before anything runs if the file can't be written; the failures of `value`.
  func write(to path: String, of type: ResultType.Shape?, at span: SourceSpan, _ value: () throws -> Value) throws
}

extension CommandHost {
  public func write(
    to path: String, of type: ResultType.Shape?, at span: SourceSpan, _ value: () throws -> Value
  ) throws {
    throw Failure(.usage, "no file can be written here", span: span)
  }
}
