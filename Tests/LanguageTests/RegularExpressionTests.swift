import Base
import Language
import Testing

/// What `=~` matches. Swift's own engine, which backtracks, gives the expected values.
@Suite("Regular expressions")
struct RegularExpressionTests {
  let run = Run()

  @Test(
    "A pattern matches what Swift's own engine matches",
    arguments: [
      "abc", "^abc$", "a.c", "a*b", "a+b", "a?b", "(ab)+c", "a|bc", "(a|b)*c", "[abc]d", "[^abc]d", "[a-c]{2}",
      "a{2,3}b",
      "a{2,}b", "\\d+", "\\w+ \\w+", "\\s", "\\S+\\.\\d", "\\bab\\b", "^$", "(?:a|b)c", "a\\.b", "[\\d.]+x", "[a\\-c]+",
      "x*", "a*?b", "(?i)ABC", "^(a|ab)(c|bcd)$", "^[A-Z][a-z]+_\\d{4}-\\d{2}-\\d{2}$", "é", "[]a]b", "a|", "(|a)b",
    ])
  func agrees(_ pattern: String) throws {
    let regex = try Regex(pattern.replacing("[]a]", with: "[\\]a]"))
    for text in [
      "", "abc", "xabcx", "ac", "aab", "aaab", "b", "ababc", "bc", "ad", "dd", "a.c", "a.b", "ab", "x ab y", "12.3x",
      "a-c",
      "ABC", "abcd", "Sim_2025-01-17", "hello world", "é", "]b", "a\nb", "_", "cab",
    ] {
      let expected = try regex.firstMatch(in: text) != nil
      #expect(try run.value("\(quoted(text)) =~ '\(pattern)'") == .bool(expected), "`\(pattern)` in `\(text)`")
    }
  }

  private func quoted(_ text: String) -> String { "\"\(text.replacing("\n", with: "\\n"))\"" }

  @Test(
    "Patterns that would keep a backtracking engine busy for years get an answer",
    arguments: ["(a+)+$", "^(a|a)*$", "(a*)*b", "(.*)(.*)(.*)(.*)(.*)x"])
  func catastrophic(_ pattern: String) throws {
    let text = String(repeating: "a", count: 2000) + "!"
    #expect(try run.value("'\(text)' =~ '\(pattern)'") == .bool(false))
  }

  @Test(
    "What needs backtracking, and what is no pattern, is refused with the reason",
    arguments: [
      ("(a)\\1", "references to groups"), ("(?=a)b", "look-around"), ("(?<!a)b", "look-around"),
      ("a{1001}", "up to 1000"),
      ("((a{1000}){1000}){1000}", "too large"), ("(a", "not closed"), ("a)", "closes nothing"),
      ("*a", "repeats nothing"),
      ("[a", "not closed"), ("a\\", "ends it"), ("[z-a]", "is empty"),
    ])
  func refused(_ pattern: String, _ reason: String) throws {
    let message = try #require(run.failure("let p = '\(pattern)'; 'a' =~ $p")).message
    #expect(message.contains("is not a regular expression that vcsh reads") && message.contains(reason), "\(message)")
  }
}
