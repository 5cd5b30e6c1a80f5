import Base

/// Who owns the commands: the language knows their signatures and calls them through this.
public protocol CommandHost: AnyObject {
  var signatures: SignatureTable { get }

  /// - Throws: `Failure`; the interpreter adds the call's place where the failure has none.
  func run(_ call: Call) throws -> Value
}
