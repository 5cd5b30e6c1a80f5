/// What went wrong, where, and what to do about it: the one error type of vcsh.
///
/// A failure is made where the knowledge is. `message` names the file or object and the place in it; `hint` is the
/// remedy, one best suggestion. The span points into command text and is added by whoever knows it.
public struct Failure: Error, Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Command text that can't be understood: wrong flag, wrong type, syntax.
    case usage
    /// A name that nothing has: object, cell, split, column, file.
    case missing
    /// A file whose bytes are not what they claim to be.
    case format
    /// A file or configuration that is whole but asks for what vcsh does not know.
    case unsupported
    /// Two things that must fit each other and do not: cids, shapes, splits.
    case mismatch
    /// A name that is taken, a part that is frozen, a workspace that is locked.
    case conflict
    /// A number that has no value: no spikes, too few trials.
    case undefined
    /// An `assert` or a check that does not hold.
    case assertion
    /// Ctrl-C.
    case interrupted
    /// The system refuses: disk full, no permission, a program that is not installed.
    case system
  }

  public var kind: Kind
  public var message: String
  public var hint: String?
  public var span: SourceSpan?

  public init(_ kind: Kind, _ message: String, hint: String? = nil, span: SourceSpan? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.span = span
  }

  /// The same failure with a place in command text, unless it has one already.
  public func located(at span: SourceSpan?) -> Failure {
    guard self.span == nil, let span else { return self }
    var copy = self
    copy.span = span
    return copy
  }

  /// The process's exit status: 2 usage, 3 assertion, 130 interrupted, 1 all else.
  public var exitStatus: Int32 {
    switch kind {
    case .usage: 2
    case .assertion: 3
    case .interrupted: 130
    default: 1
    }
  }

  public static let interrupted = Failure(.interrupted, "interrupted")
}

extension Failure: CustomStringConvertible {
  public var description: String {
    let place = span.map { "\($0): " } ?? ""
    let remedy = hint.map { " (\($0))" } ?? ""
    return place + message + remedy
  }
}
