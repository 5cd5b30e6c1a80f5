import ArgumentParser
import Base
import Commands
import Foundation
import Language
import Rendering
import Terminal

/// The program's own arguments. The only caller of `exit`.
@main
struct Vcsh: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "vcsh",
    abstract: "A shell for digital twins of visual cortex.",
    discussion: """
      vcsh [-w DIR]                          the prompt, in the nearest workspace upward or in DIR
      vcsh -f RECIPE.vc [--name value ...]   run a recipe; --help after it lists its parameters
      vcsh -c 'COMMANDS'                     run commands; they may also come from standard input
      --output MODE                          how results are written: table, line, csv, tsv, json, jsonl, markdown,
                                             html or latex; --csv and --markdown for short
      --json                                 a JSON object a line for every entry, failures too
      --check                                find what is wrong without running
      --serve                                JSON lines for editors and notebooks: docs/serve.md

      `help` at the prompt lists the commands; `vcsh demo` shows what they do.
      """,
    version: "vcsh \(version)",
    subcommands: [RunCommand.self, InitCommand.self, DemoCommand.self, ReferenceCommand.self],
    defaultSubcommand: RunCommand.self)

  static func main() {
    let status = Process.run {
      var command = try parseAsRoot(arguments(CommandLine.arguments.dropFirst()))
      try command.run()
    }
    Foundation.exit(status)
  }
}

extension Vcsh {
  /// `-f RECIPE … --help` asks for the recipe's parameters, not for vcsh's own help.
  static func arguments(_ given: some Sequence<String>) -> [String] {
    var isRecipe = false
    return given.map { word in
      if word == "-f" || word == "--file" { isRecipe = true }
      return isRecipe && (word == "--help" || word == "-h") ? "--recipe-help" : word
    }
  }
}

/// Turns what a run throws into a message and an exit status.
enum Process {
  /// Thrown where everything has been said already.
  struct Status: Error { var code: Int32 }

  static func run(_ body: () throws -> Void) -> Int32 {
    Interrupts.install()
    do {
      try body()
      return 0
    } catch let status as Status {
      return status.code
    } catch is OutputClosed {
      return OutputClosed.exitStatus
    } catch let failure as Failure {
      StandardStreams.writeError(Diagnostic.render(failure, sourceLine: nil, colour: errorColour))
      return failure.exitStatus
    } catch {
      let code = Vcsh.exitCode(for: error)
      let text = Vcsh.fullMessage(for: error)
      if code.isSuccess { try? StandardStreams.write(text + "\n") } else { StandardStreams.writeError(text + "\n") }
      return code.isSuccess ? 0 : 2
    }
  }

  static var errorColour: Bool { TerminalInfo.errorIsTerminal && TerminalInfo.allowsColour() }
}
