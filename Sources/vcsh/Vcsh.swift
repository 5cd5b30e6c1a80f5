import ArgumentParser
import Base
import Foundation
import Language
import Rendering
import Session
import Shell
import Terminal

/// The program's own arguments. The only caller of `exit`.
@main
struct Vcsh: ParsableCommand {
  static let version = ThisProgram.version

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
      --dry-run                              what would run, what it reads and writes, and what is cached
      --serve                                JSON lines for editors and notebooks: docs/serve.md

      `help` at the prompt lists the commands; `vcsh demo` shows what they do.
      """,
    version: "vcsh \(version)",
    subcommands: [RunCommand.self, InitCommand.self, DemoCommand.self, ReferenceCommand.self],
    defaultSubcommand: RunCommand.self)

  static func main() {
    let status = Process.run {
      try checkArguments(CommandLine.arguments)
      var command = try parseAsRoot(arguments(CommandLine.arguments.dropFirst()))
      try command.run()
    }
    Foundation.exit(status)
  }
}

extension Vcsh {
  /// What is not UTF-8 in an argument was replaced before it came here; the bytes themselves tell.
  static func checkArguments(_ arguments: [String]) throws {
    guard arguments.contains(where: { $0.contains("\u{fffd}") }) else { return }
    let bytes = try InputBytes.file("/proc/self/cmdline").split(separator: 0, omittingEmptySubsequences: false)
    if let index = bytes.firstIndex(where: { String(bytes: $0, encoding: .utf8) == nil }) {
      throw Failure(.usage, "argument \(index) of vcsh is not UTF-8 text")
    }
  }

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
    StandardStreams.occupyClosed()
    Interrupts.install()
    let status = status(of: body)
    Interrupts.endIfAsked()
    return status
  }

  private static func status(of body: () throws -> Void) -> Int32 {
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
      let text = Vcsh.fullMessage(for: error)
      // Help and version are results.
      if Vcsh.exitCode(for: error).isSuccess { return status { try StandardStreams.write(text + "\n") } }
      StandardStreams.writeError(text + "\n")
      return 2
    }
  }

  static var errorColour: Bool { TerminalInfo.errorIsTerminal && TerminalInfo.allowsColour() }

  /// Results in batch have the same bytes everywhere; a terminal that shows ASCII alone gets no other characters.
  static func batchOptions(_ mode: OutputMode = .table) -> RenderOptions {
    var options = RenderOptions.batch(mode)
    options.unicode = !TerminalInfo.outputIsTerminal || TerminalInfo.allowsUnicode()
    return options
  }
}
