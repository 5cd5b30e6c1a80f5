import Base
import Commands
import Formats
import Foundation
import Help
import Session
import Shell
import TestSupport
import Testing

@Suite("Every command's examples run")
struct ExampleTests {
  struct Case: CustomTestStringConvertible {
    let command: String
    let example: String
    var testDescription: String { example }
  }

  static let cases = AllCommands.table.all.flatMap { command in
    command.examples.map { Case(command: command.signature.name, example: $0.command) }
  }

  static let folder = URL(filePath: Shell.template).deletingLastPathComponent().appending(path: ExampleSnapshot.folder)

  static func snapshot(of command: String) throws -> ExampleSnapshot {
    let file = folder.appending(path: ExampleSnapshot.fileName(for: command))
    return try ExampleSnapshot(reading: String(contentsOf: file, encoding: .utf8), name: file.path)
  }

  @Test("An example prints what its command's snapshot file says", arguments: cases)
  func example(_ case: Case) throws {
    let output = try ExampleRun(AllCommands.table).output(of: `case`.example, template: Shell.template)
    let stored = try #require(try Self.snapshot(of: `case`.command).output(of: `case`.example), "run `make docs`")
    #expect(matches(output, stored), "run `make docs`: `\(`case`.example)` gives\n\(output)")
  }

  /// The same words, and numbers that differ by no more than another processor's rounding may bring about in a fit.
  private func matches(_ output: String, _ stored: String) -> Bool {
    func words(_ text: String) -> [String] {
      text.split { $0.isWhitespace || "(),;".contains($0) }.map(String.init)
    }
    let (a, b) = (words(output), words(stored))
    return a.count == b.count
      && zip(a, b).allSatisfy { left, right in
        guard let x = Double(left), let y = Double(right) else {
          return left == right || Set(left).union(right) == ["─"]
        }
        return abs(x - y) <= 0.02 * max(abs(x), abs(y)) + 0.005
      }
  }

  @Test("There is one snapshot file for each command with examples, and no other file")
  func files() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(Set(files) == Set(Self.cases.map { ExampleSnapshot.fileName(for: $0.command) }))
  }

  @Test(
    "A snapshot file has its command's examples in their order, and nothing of the machine that made it",
    arguments: AllCommands.table.all.filter { !$0.examples.isEmpty }.map { $0.signature.name })
  func stored(command: String) throws {
    let snapshot = try Self.snapshot(of: command)
    #expect(snapshot.entries.map(\.command) == AllCommands.table[command]?.examples.map(\.command))
    for entry in snapshot.entries {
      #expect(!entry.output.contains(FileManager.default.temporaryDirectory.path), "\(entry.command)")
      #expect(!entry.output.contains(Shell.template), "\(entry.command)")
    }
    let file = Self.folder.appending(path: ExampleSnapshot.fileName(for: command))
    #expect(try String(contentsOf: file, encoding: .utf8) == snapshot.text, "run `make docs`")
  }

  @Test("Every command has a summary, help, and examples unless it ends the session or needs one")
  func documented() throws {
    let shell = try Shell(opened: false)
    for command in AllCommands.table.all {
      let signature = command.signature
      #expect(!signature.summary.isEmpty && !signature.summary.hasSuffix("."), "\(signature.name)")
      // The demo's sweep has every combination of its settings, so that `suggest` has nothing to say.
      let needsNone = [
        "exit", "quit", "in", "out", "resume", "suggest", "submit", "jobs", "logs", "cancel", "retry", "gather",
      ].contains(signature.name)
      #expect(!command.examples.isEmpty || needsNone, "\(signature.name)")
      #expect(try shell.report("help \(signature.name)").title.hasPrefix(signature.name))
    }
  }

  @Test("A command is typed as its type is called: the word is known without the signature") func word() {
    for command in AllCommands.table.all { #expect(CommandTable.word(of: command) == command.signature.name) }
  }

  @Test("The command reference in docs is the signatures'")
  func reference() throws {
    let path = URL(filePath: Fixtures.root).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "docs/commands.md")
    #expect(
      try String(contentsOf: path, encoding: .utf8) == (try Reference(AllCommands.table).markdown()), "run `make docs`")
  }
}
