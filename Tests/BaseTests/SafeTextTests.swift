import Base
import Testing

@Suite("Text from files in messages")
struct SafeTextTests {
  @Test("A failure is one line of plain text, whatever it quotes")
  func failure() {
    let failure = Failure(.format, "a\nb\u{1b}[31m\u{7}\u{202e}\u{2028}c", hint: "d\r\te")
    #expect(failure.message == #"a\nb\u{1b}[31m\u{7}\u{202e}\u{2028}c"#)
    #expect(failure.hint == #"d\r\te"#)
    #expect(Failure(.format, "naïve 日本 👩‍🔬").message == "naïve 日本 👩‍🔬")
  }
}
