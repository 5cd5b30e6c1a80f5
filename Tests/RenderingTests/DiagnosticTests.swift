import Base
import Rendering
import Testing

@Suite struct DiagnosticTests {
  private func failure(column: Int, length: Int, line: Int = 3) -> Failure {
    Failure(
      .missing, "no column `rte_hz`", hint: "did you mean `rate_hz`?",
      span: SourceSpan(source: "recipe.vc", line: line, column: column, length: length))
  }

  @Test("The caret is below the place")
  func theCaretStandsUnderThePlace() {
    #expect(
      Diagnostic.render(failure(column: 21, length: 6), sourceLine: "neurons twin | sort rte_hz", colour: false) == """
        error: no column `rte_hz`
         --> recipe.vc:3:21
          |
        3 | neurons twin | sort rte_hz
          |                     ^^^^^^
        help: did you mean `rate_hz`?

        """)
  }

  @Test("Wide characters move the caret by two columns")
  func wideCharactersMoveTheCaretByTwo() {
    let text = Diagnostic.render(failure(column: 7, length: 2, line: 12), sourceLine: "show '日本' é", colour: false)
    #expect(text.contains("\n12 | show '日本' é\n"))
    #expect(text.contains("\n   |       ^^^^\n"))
  }

  @Test("Of a very long line only the surroundings of the place are shown")
  func ofAVeryLongLineTheSurroundingsAreShown() throws {
    let line = String(repeating: "a", count: 5000) + "wrong" + String(repeating: "b", count: 5000)
    let text = Diagnostic.render(failure(column: 5001, length: 5), sourceLine: line, colour: false)
    let lines = text.split(separator: "\n")
    #expect(lines[1].hasSuffix(":5001"))
    #expect(lines[3].hasPrefix("3 | ...aaa") && lines[3].hasSuffix("bbb...") && lines[3].count == 210)
    let place = try #require(lines[3].range(of: "wrong"))
    #expect(lines[4].prefix { $0 != "^" }.count == lines[3].distance(from: lines[3].startIndex, to: place.lowerBound))
    #expect(lines[4].count { $0 == "^" } == 5)
  }

  @Test("A place after the end of the line has one caret")
  func aPlaceBehindTheEndOfTheLineHasOneCaret() {
    let text = Diagnostic.render(failure(column: 99, length: 50), sourceLine: "eval", colour: false)
    #expect(text.contains("\n3 | eval\n  |     ^\n"))
  }

  @Test("A failure without a place is one line, followed by its remedy")
  func aFailureWithoutAPlaceIsOneLineAndItsRemedy() {
    let failure = Failure(.system, "rsvg-convert is not installed", hint: "apt-get install librsvg2-bin")
    #expect(
      Diagnostic.render(failure, sourceLine: nil, colour: false)
        == "error: rsvg-convert is not installed\nhelp: apt-get install librsvg2-bin\n")
  }

  @Test("A message that contains line breaks stays on one line")
  func aMessageFromAFileStaysOnItsLine() {
    let text = Diagnostic.render(Failure(.format, "bad\nname\u{1b}[31m"), sourceLine: nil, colour: false)
    #expect(text == "error: bad\\nname\\u{1b}[31m\n")
  }

  @Test("Colour does not change the text")
  func colourChangesNothingButColour() {
    let line = "neurons twin | sort rte_hz"
    let coloured = Diagnostic.render(failure(column: 21, length: 6), sourceLine: line, colour: true)
    #expect(coloured.contains("\u{1b}["))
    #expect(
      Escape.stripped(coloured) == Diagnostic.render(failure(column: 21, length: 6), sourceLine: line, colour: false))
  }

  @Test("An interruption is not shown as an error")
  func anInterruptionIsNoError() {
    #expect(Diagnostic.render(.interrupted, sourceLine: "fit", colour: false) == "interrupted\n")
  }
}
