import Base
import Foundation
import Functions
import Language
import Testing

/// The examples of `docs/language.md` are correct, and its list of functions is complete.
@Suite struct LanguageNoteTests {
  static let blocks: [String] = {
    let note = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/language.md")
    let text = (try? String(contentsOf: note, encoding: .utf8)) ?? ""
    return text.components(separatedBy: "```vcsh\n").dropFirst().map {
      String($0.components(separatedBy: "\n```")[0])
    }
  }()

  @Test("The language page has examples")
  func theNoteHasExamples() { #expect(Self.blocks.count >= 5) }

  @Test("Examples of the language page pass the checker, run, and are the same when printed", arguments: blocks)
  func examplesCheckRunAndComeBackFromThePrinter(_ block: String) throws {
    let run = Run()
    #expect(try run.check(block).map(\.description) == [])
    try run(block)
    let program = try run.parse(block)
    #expect(try run.parse(Printer.print(program)) == program)
  }

  @Test("The tables of functions of the language page list every function")
  func everyFunctionIsInTheNote() throws {
    let note = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/language.md")
    let text = try String(contentsOf: note, encoding: .utf8)
    let section = try #require(text.components(separatedBy: "\n## Functions\n").dropFirst().first)
      .components(separatedBy: "\n## ")[0]
    // The first cell of each row.
    let cells = section.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { $0.split(separator: "|")[0] }
    let words = Set(cells.flatMap { cell in cell.split { !$0.isLetter && $0 != "_" }.map(String.init) })
    #expect(FunctionTable.names.filter { !words.contains($0) } == [])
  }
}
