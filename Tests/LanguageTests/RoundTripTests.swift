import Base
import Language
import Testing

/// What the printer writes, the parser reads back: on programs made at random.
@Suite struct RoundTripTests {
  @Test("Parsing a printed program gives the same program", arguments: 0..<600)
  func parsingWhatWasPrintedGivesTheSameProgram(_ seed: Int) throws {
    var maker = ProgramMaker(seed: UInt32(seed))
    let program = maker.program()
    let text = Printer.print(program)
    let read: Program
    do {
      read = try Parser.parse(
        SourceText(text, name: "round.vc"), signatures: FakeHost().signatures,
        files: SourceFiles(ProgramMaker.files))
    } catch {
      Issue.record("\(error)\n\(text)")
      return
    }
    #expect(Printer.print(read) == text)
    // Without the trees, which would be pages long in a message.
    let isSame = read == program
    #expect(isSame, "\(text)")
  }

  @Test(
    "Quoted text reads back the same",
    arguments: [
      "tab\tline\nreturn\r\nquote\" dollar$x ${y} back\\slash", "'", "", "é🧠", "\u{0}\u{7f}\u{1b}", "a\r\nb",
      "#no | ; comment",
    ])
  func quotedTextComesBack(_ text: String) throws {
    let run = Run()
    #expect(try run("echo " + Printer.quoted(text)) == [.string(text)])
  }
}
