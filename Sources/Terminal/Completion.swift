/// Candidates that can replace the text between `start` and the cursor. Positions count the characters of the entry, which
/// may have several lines.
public struct Completion: Sendable, Equatable {
  public var start: Int
  public var candidates: [String]
  /// Whether a space is added after a single candidate; not after a folder or `--name=`.
  public var appendSpace: Bool

  public init(start: Int, candidates: [String], appendSpace: Bool = true) {
    self.start = start
    self.candidates = candidates
    self.appendSpace = appendSpace
  }

  /// Finds the candidates at a cursor. It must be fast, because the user is waiting.
  public typealias Source = @Sendable (_ entry: String, _ cursor: Int) -> Completion
}
