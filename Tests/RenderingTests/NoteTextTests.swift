import Rendering
import Testing

@Suite("Notes")
struct NoteTextTests {
  @Test("A note is broken between words within the terminal's width, and whole where there is no terminal")
  func width() {
    let text = "settings: sampler sessions, batch-size 32, accumulate 1, optimiser adamw"
    #expect(NoteText.render(text, width: nil) == "note: \(text)\n")
    let lines = NoteText.render(text, width: 30).split(separator: "\n")
    #expect(lines.count == 4 && lines.allSatisfy { $0.count <= 30 })
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("      ") })
    #expect(
      lines.map { $0.trimmingPrefix("note:").split(separator: " ").joined(separator: " ") }.joined(separator: " ")
        == text)
  }

  @Test("Control characters of a file's text do not reach the terminal")
  func control() {
    #expect(NoteText.render("name \u{1b}[31mred\u{07}", width: nil) == "note: name \\u{1b}[31mred\\u{7}\n")
  }
}
