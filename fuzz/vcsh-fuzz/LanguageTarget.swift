import Base
import Foundation
import Language
import Patterns

/// A text of commands: read, printed and read again, checked, completed with the cursor at the start, at the end and where the
/// first byte says, and run with commands that do nothing. Loops and definitions are not run: they may have no end.
enum LanguageTarget {
  static let target = FuzzTarget(name: "language") { data in
    let text = try SourceText.decoded(data, name: "fuzz")
    let run = Run()
    let signatures = run.host.signatures
    _ = Parser.isIncomplete(text)
    for cursor in Set([0, text.count, Int(data.first ?? 0) % (text.count + 1)]) {
      _ = CursorContext.at(text, cursor: cursor, signatures: signatures)
    }
    let program = try Parser.parse(SourceText(text, name: "fuzz"), signatures: signatures)
    let printed = Printer.print(program)
    let again = try Parser.parse(SourceText(printed, name: "fuzz"), signatures: signatures)
    precondition(again == program, "printed otherwise:\n\(text)\n---\n\(printed)")
    _ = Checker(signatures: signatures).check(program)
    guard !text.contains("for"), !text.contains("def"), !text.contains("range") else { return }
    for statement in program.statements { _ = try run.interpreter.run(statement) }
  }
}

/// A pattern in the first line, and the text to match in the rest.
enum PatternTarget {
  static let target = FuzzTarget(name: "pattern") { data in
    let parts = String(decoding: data, as: UTF8.self).split(
      separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    do {
      _ = try TextMatcher(String(parts[0])).matches(parts.count > 1 ? String(parts[1]) : "")
    } catch is TextMatcher.Problem {}
  }
}
