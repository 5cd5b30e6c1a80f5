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
      vcsh [-w DIR]                      the prompt, in DIR or the nearest workspace
      vcsh RECIPE.vc [--name value ...]  run a recipe; --help: its parameters
      vcsh -f FILE [--name value ...]    the same for any file; - is standard input
      vcsh -c 'COMMANDS'                 run commands; also from standard input
      --output MODE                      how results are written: table, line, csv,
                                         tsv, json, jsonl, markdown, html or latex;
                                         --csv and --markdown for short
      --json                             one JSON object per entry, a line each
      --check                            find what is wrong without running
      --dry-run                          what would run, its files and its cache
      --serve                            JSON lines for editors: docs/serve.md

      `vcsh help COMMAND` explains a command; `help` at the prompt lists all of them;
      `vcsh demo` shows what they do.
      """,
    version: "vcsh \(version)",
    subcommands: [
      RunCommand.self, InitCommand.self, DemoCommand.self, RepairCommand.self, ReferenceCommand.self,
      RunJobsCommand.self,
    ],
    defaultSubcommand: RunCommand.self)

  static func main() {
    let describe = { (error: any Error) in (text: fullMessage(for: error), isResult: exitCode(for: error).isSuccess) }
    let status = ProgramRun.run(describing: describe) {
      try checkArguments(CommandLine.arguments)
      if let usual = StartOptions(usual: CommandLine.arguments.dropFirst()) { return try usual.run() }
      if let topic = ProgramHelp.topic(CommandLine.arguments.dropFirst()) { return try ProgramHelp.show(topic) }
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
    // What an option takes is not a recipe of its own.
    var isValue = false
    return given.map { word in
      defer { isValue = ["-w", "--workspace", "-c", "--command", "-o", "--output"].contains(word) }
      if isValue { return word }
      let isFile = word == "-f" || word == "--file" || word.hasPrefix("--file=")
      if isFile || RecipePath.isRecipe(word) { isRecipe = true }
      return isRecipe && (word == "--help" || word == "-h") ? "--recipe-help" : word
    }
  }
}
