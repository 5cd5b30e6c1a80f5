import Rendering
import Testing

@Suite("Escape codes")
struct EscapeTests {
  @Test(
    "In a prompt, readline is told which characters have no width: whole codes, and nothing else",
    arguments: [
      ("", ""), ("vcsh> ", "vcsh> "),
      ("\u{1b}[1;32mvcsh>\u{1b}[0m ", "\u{01}\u{1b}[1;32m\u{02}vcsh>\u{01}\u{1b}[0m\u{02} "),
      ("\u{1b}[m\u{1b}[K", "\u{01}\u{1b}[m\u{02}\u{01}\u{1b}[K\u{02}"), ("a\u{1b}", "a\u{1b}"),
      ("\u{1b}[1", "\u{1b}[1"), ("\u{1b}[é", "\u{1b}[é"), ("\u{1b}\u{1b}[1mx", "\u{1b}\u{01}\u{1b}[1m\u{02}x"),
    ])
  func promptMarked(prompt: String, marked: String) { #expect(Escape.promptMarked(prompt) == marked) }
}
