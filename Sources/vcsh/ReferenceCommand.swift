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

  @Flag(help: "Run all examples on the demo's data and print what they give as Swift source (ExampleOutputs.swift).")
  var examples = false

  func run() throws {
    guard examples else { return try StandardStreams.write(Reference(AllCommands.table).markdown()) }
    guard let template = Template.folder("workspace-template") else {
      throw Failure(.missing, "the demo's data (workspace-template) is not installed beside this program")
    }
    try StandardStreams.write(try ExampleRun(AllCommands.table).source(template: template))
  }
}
