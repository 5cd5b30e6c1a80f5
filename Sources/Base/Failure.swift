/// What went wrong, where, and what to do about it: the one error type of vcsh.
///
/// The code that finds the problem makes the failure. `message` names the file or object and the place in it. `hint` is
/// the best remedy. `span` is the place in the command text; the code that knows it adds it.
public struct Failure: Error, Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    /// The command text is wrong: a flag, a type, the syntax.
    case usage
    /// There is no object, cell, split, column or file of this name.
    case missing
    /// A file is damaged or not of the expected format.
    case format
    /// A file or configuration is valid, but needs something that vcsh does not support.
    case unsupported
    /// Two things do not fit each other: cids, shapes, splits.
    case mismatch
    /// A name is taken, a part is frozen, the workspace is locked.
    case conflict
    /// A number is undefined: no spikes, too few trials.
    case undefined
    /// An `assert` or a check has failed.
    case assertion
    /// Ctrl-C.
    case interrupted
    /// The system refuses: the disk is full, a permission or a program is missing.
    case system
  }

  public var kind: Kind
  public var message: String
  public var hint: String?
  public var span: SourceSpan?

  /// What a message quotes may come from a file: control characters are escaped, so that the message is one line.
  public init(_ kind: Kind, _ message: String, hint: String? = nil, span: SourceSpan? = nil) {
    self.kind = kind
    self.message = SafeText.line(message)
    self.hint = hint.map(SafeText.line)
    self.span = span
  }

  /// The same failure with this place in the command text, unless it has a place already.
  public func located(at span: SourceSpan?) -> Failure {
    guard self.span == nil, let span else { return self }
    var copy = self
    copy.span = span
    return copy
  }

  /// The exit status of the process: 2 for usage, 3 for an assertion, 130 for an interrupt, 1 otherwise.
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
