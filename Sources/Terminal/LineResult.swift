/// How reading an entry ended.
public enum LineResult: Sendable, Equatable {
  /// A whole entry; its lines are separated by line feeds.
  case line(String)
  /// Ctrl-C: the line was cleared.
  case interrupted
  /// Ctrl-D on an empty line, or the end of the input.
  case endOfFile
}
