import Base
import Language
import Testing

/// Whatever is typed, nothing traps: it is read, or it is a failure with a place in the text.
@Suite struct FuzzTests {
  static let seeds = ParserTests.forms.map(\.0) + ParserTests.wrong.map(\.0) + InterpreterTests.wrong.map(\.0)

  @Test("Mutated scripts never trap")
  func mutatedScriptsNeverTrap() {
    var random = MersenneTwister(seed: 7)
    let pieces = [
      "(", ")", "[", "]", "{", "}", "\"", "'", "$", "${", "|", ";", "\n", "#", "--", "=", ".", ",", " ", "\\", "1e9",
      "mean(",
      "let ", "if ", "def f(a, b = 3) { ", "source x.vc\n", "5 Hz", " ms", "=~ '(a'", "ci(mean, bits)", "f(",
      "f 1 --b 2", "\u{0}", "é", "👩‍🔬", "\r\n", "-", "*", "not ", "in ", "vcsh 1", "9223372036854775807", "[-9]",
    ]
    for round in 0..<2000 {
      var text = Array(Self.seeds[Int(random.nextWord()) % Self.seeds.count])
      for _ in 0...(round % 4) {
        let position = Int(random.nextWord()) % (text.count + 1)
        switch random.nextWord() % 3 {
        case 0: text.insert(contentsOf: Array(pieces[Int(random.nextWord()) % pieces.count]), at: position)
        case 1: if position < text.count { text.remove(at: position) }
        default: text.removeSubrange(position..<min(text.count, position + Int(random.nextWord() % 5)))
        }
      }
      exercise(String(text))
    }
  }

  @Test("Random bytes never trap")
  func randomBytesNeverTrap() {
    var random = MersenneTwister(seed: 11)
    for _ in 0..<800 {
      let bytes = (0..<Int(random.nextWord() % 60)).map { _ in UInt8(truncatingIfNeeded: random.nextWord()) }
      exercise(String(decoding: bytes, as: UTF8.self))
      exercise(String(decoding: bytes.map { $0 & 0x7f }, as: UTF8.self))
    }
  }

  private func exercise(_ text: String) {
    let run = Run()
    let source = SourceText(text, name: "fuzz")
    _ = Parser.isIncomplete(text)
    let cursor = text.isEmpty ? 0 : text.count / 2
    _ = CursorContext.at(text, cursor: cursor, signatures: run.host.signatures)
    _ = CursorContext.at(text, cursor: text.count, signatures: run.host.signatures)
    do {
      let program = try Parser.parse(source, signatures: run.host.signatures)
      let printed = Printer.print(program)
      #expect((try? run.parse(printed)) == program, "\(text)\n---\n\(printed)")
      _ = Checker(signatures: run.host.signatures).check(program)
      for statement in program.statements { _ = try run.interpreter.run(statement) }
    } catch let failure as Failure {
      #expect(failure.span.map { source.line($0.line) != nil } ?? false, "\(text): \(failure)")
    } catch {
      Issue.record("\(text): \(error)")
    }
  }
}
