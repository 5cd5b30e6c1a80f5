import ArgumentParser
import Base
import Commands
import Session
import Shell
import Terminal

/// `vcsh reference`: the command reference, for `docs/commands.md`.
struct ReferenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference", abstract: "Print the command reference as markdown.")

  @Option(
    help: ArgumentHelp(
      "Run all examples on the demo's data and write what they print into DIR, one snapshot file a command.",
      valueName: "DIR"))
  var examples: String?

  func run() throws {
    if let examples { return try writeSnapshots(into: examples) }
    if InstalledFolder.path(of: ExampleRun.snapshotFolder) == nil {
      StandardStreams.writeError(
        "note: \(ExampleRun.snapshotFolder) is not installed beside this program: the reference shows no output of examples\n"
      )
    }
    try StandardStreams.write(try Reference(AllCommands.table).markdown())
  }

  private func writeSnapshots(into folder: String) throws {
    guard let template = InstalledFolder.path(of: "workspace-template") else {
      throw Failure(.missing, "the demo's data (workspace-template) is not installed beside this program")
    }
    try ExampleRun(AllCommands.table).writeSnapshots(into: folder, template: template)
  }
}
