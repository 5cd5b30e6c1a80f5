/// A place in command text: `name:line:column`. Lines and columns count from 1, columns in characters.
public struct SourceSpan: Sendable, Hashable {
  /// File name, or `<command>` / `<prompt>`.
  public var source: String
  public var line: Int
  public var column: Int
  /// Characters covered on that line, at least 1.
  public var length: Int

  public init(source: String, line: Int, column: Int, length: Int = 1) {
    self.source = source
    self.line = line
    self.column = column
    self.length = max(1, length)
  }
}

extension SourceSpan: CustomStringConvertible {
  public var description: String { "\(source):\(line):\(column)" }
}
