/// What may stand in place of the text between `start` and the cursor. Places are counted in characters of the entry, which
/// may have several lines.
public struct Completion: Sendable, Equatable {
  public var start: Int
  public var candidates: [String]
  /// Whether a lone candidate is followed by a blank; a folder or `--name=` is not.
  public var appendSpace: Bool

  public init(start: Int, candidates: [String], appendSpace: Bool = true) {
    self.start = start
    self.candidates = candidates
    self.appendSpace = appendSpace
  }

  /// Answers what fits at a cursor. It must be quick: the user waits at the key.
  public typealias Source = @Sendable (_ entry: String, _ cursor: Int) -> Completion
}
