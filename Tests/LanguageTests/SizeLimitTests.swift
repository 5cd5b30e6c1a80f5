import Base
import Language
import Testing

/// Texts of commands and values that grow too long are refused, and long work on lists ends with Ctrl-C.
@Suite("Limits of size")
struct SizeLimitTests {
  let run = Run()

  @Test("More words and values than the limit are refused")
  func parts() throws {
    let text = "let x = [" + String(repeating: "1,", count: Parser.partLimit + 1) + "]"
    let failure = #expect(throws: Failure.self) { try run.parse(text) }
    #expect(failure?.message.contains("more than 500000 words and values") == true && failure?.span != nil)
  }

  @Test("Reading a long text ends with Ctrl-C")
  func reading() throws {
    let cancellation = Cancellation()
    cancellation.cancel()
    let text = "echo " + String(repeating: "a ", count: 600)
    let failure = #expect(throws: Failure.self) {
      try Cancellation.$current.withValue(cancellation) { try run.parse(text) }
    }
    #expect(failure?.kind == .interrupted)
    #expect(try run.parse(text).statements.count == 1)
  }

  @Test("A list or a text that grows in a loop is refused at its limit")
  func doubling() throws {
    let list = #expect(throws: Failure.self) {
      try run("let x = [1]\nfor i in [1, 2, 3, 4, 5, 6, 7, 8] { let x = $x + $x + $x + $x + $x + $x + $x + $x }")
    }
    #expect(list?.message.contains("the limit is 10000000") == true, "\(String(describing: list))")
    let text = #expect(throws: Failure.self) {
      try run("let s = 'abcdefgh'\nfor i in [1, 2, 3, 4, 5, 6, 7, 8] { let s = $s + $s + $s + $s + $s + $s + $s + $s }")
    }
    #expect(text?.message.contains("the text would be longer than 10 MB") == true, "\(String(describing: text))")
  }

  @Test(
    "Functions of lists end with Ctrl-C",
    arguments: [
      "unique([1, 2])", "join([1, 2], 'x')", "median([1, 2])", "sum([1, 2])", "[1, 2] * 2", "min([1, 2])",
    ])
  func functions(_ text: String) throws {
    let cancellation = Cancellation()
    cancellation.cancel()
    let failure = #expect(throws: Failure.self) {
      try Cancellation.$current.withValue(cancellation) { try run.value(text) }
    }
    #expect(failure?.kind == .interrupted)
    #expect(try run.value(text) != .null)
  }
}
