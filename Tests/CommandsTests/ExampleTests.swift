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
  static let examples = AllCommands.table.all.flatMap { command in command.examples.map(\.command) }

  @Test("Example, and what is stored as its output", arguments: examples)
  func example(command: String) throws {
    let output = try ExampleRun(AllCommands.table).output(of: command, template: Shell.template)
    let stored = try #require(ExampleOutputs.all[command], "run `make docs`")
    #expect(matches(output, stored), "run `make docs`: `\(command)` gives\n\(output)")
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

  @Test("Stored outputs are those of the examples there are, and tell nothing of the machine that made them")
  func stored() {
    #expect(Set(ExampleOutputs.all.keys) == Set(Self.examples))
    for (command, output) in ExampleOutputs.all {
      #expect(!output.contains(FileManager.default.temporaryDirectory.path), "\(command)")
      #expect(!output.contains(Shell.template), "\(command)")
    }
  }

  @Test("Every command has a summary, help, and examples unless it ends the session or needs one")
  func documented() throws {
    let shell = try Shell(opened: false)
    for command in AllCommands.table.all {
      let signature = command.signature
      #expect(!signature.summary.isEmpty && !signature.summary.hasSuffix("."), "\(signature.name)")
      #expect(!command.examples.isEmpty || ["exit", "quit", "in", "out"].contains(signature.name), "\(signature.name)")
      #expect(try shell.report("help \(signature.name)").title.hasPrefix(signature.name))
    }
  }

  @Test("The command reference in docs is the signatures'")
  func reference() throws {
    let path = URL(filePath: Fixtures.root).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "docs/commands.md")
    #expect(try String(contentsOf: path, encoding: .utf8) == Reference(AllCommands.table).markdown(), "run `make docs`")
  }
}
