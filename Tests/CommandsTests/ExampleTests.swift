import Base
import Commands
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Every command's examples run")
struct ExampleTests {
  static let examples = AllCommands.all.flatMap { command in command.examples.map(\.command) }

  @Test("Example", arguments: examples)
  func example(command: String) throws {
    let shell = try Shell()
    let files = FileManager.default
    for part in ["checkpoints", "recordings"] {
      try files.createSymbolicLink(
        atPath: shell.session.workspace.root + "/" + part, withDestinationPath: Shell.template + "/" + part)
    }
    let windows = Tensor(shape: [4, 1, 18, 25, 25], values: (0..<4 * 18 * 625).map { Float($0 % 97) / 97 - 0.5 })
    try NpzWriter.write([NamedArray("stim", windows)], to: shell.session.workspace.root + "/windows.npz")
    try shell.run(command)
  }

  @Test("Every command has a summary, help, and examples unless it ends the session or needs one")
  func documented() throws {
    let shell = try Shell(opened: false)
    for command in AllCommands.all {
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
    #expect(try String(contentsOf: path, encoding: .utf8) == Reference.markdown(), "run `make docs`")
  }

  @Test("Help finds commands by words, and the nearest command")
  func help() throws {
    let shell = try Shell(opened: false)
    let found = try shell.report("help --search \"gain offset\"")
    #expect(found.sections.first?.body != .fields(Record()))
    #expect(try shell.failure("help calibarte").hint == "did you mean `calibrate`?")
  }
}
