import ArgumentParser
import Commands
import Terminal

/// `vcsh reference`: the command reference, for `docs/commands.md`.
struct ReferenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference", abstract: "Print the command reference as markdown.")

  func run() throws { try StandardStreams.write(Reference.markdown()) }
}
