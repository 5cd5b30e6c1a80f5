import Base
import Patterns

/// Regular expressions for `=~`. They are matched without backtracking: no pattern takes more than its length times the
/// text's.
enum TextPattern {
  /// - Throws: a usage failure where the pattern is invalid.
  static func compile(_ pattern: String) throws -> TextMatcher {
    do {
      return try TextMatcher(pattern)
    } catch let error as TextMatcher.Problem {
      throw Failure(
        .usage, "`\(pattern)` is not a regular expression that vcsh reads: \(error.reason)",
        hint: "write `\\` before a special character")
    }
  }

  /// The failure of an invalid literal pattern; nil where it is valid.
  static func failure(in pattern: String, at span: SourceSpan) -> Failure? {
    do {
      _ = try compile(pattern)
      return nil
    } catch {
      return (error as? Failure)?.located(at: span)
    }
  }

  static func needsText(_ culprit: String, at span: SourceSpan? = nil) -> Failure {
    Failure(
      .usage, "`=~` needs text on both sides; `\(culprit)` is not text", hint: "`str(\(culprit))` converts it to text",
      span: span)
  }
}

/// The patterns of one expression, each compiled once.
final class PatternCache {
  private var patterns: [String: TextMatcher] = [:]

  /// Whether the text contains a match. Null matches nothing.
  func matches(_ value: Value, _ pattern: Value) throws -> Bool {
    if value == .null || pattern == .null { return false }
    guard case .string(let text) = value else { throw TextPattern.needsText(value.plainText) }
    guard case .string(let source) = pattern else { throw TextPattern.needsText(pattern.plainText) }
    let regex: TextMatcher
    if let known = patterns[source] {
      regex = known
    } else {
      regex = try TextPattern.compile(source)
      if patterns.count > 100 { patterns = [:] }
      patterns[source] = regex
    }
    return try regex.matches(text)
  }
}
