import ArgumentParser
import Rendering

/// `vcsh`, `vcsh recipe.vc [--name value …]`, `vcsh -f recipe.vc …`, `vcsh -c 'commands'`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run the shell, a recipe or commands (the default).")

  @Option(name: [.customShort("w"), .customLong("workspace")], help: "The workspace; else the nearest one upward.")
  var workspaces: [String] = []

  @Option(
    name: [.customShort("f"), .customLong("file")],
    help: "Run a recipe; - reads standard input. Its parameters follow as --name value.")
  var files: [String] = []

  @Option(
    name: [.customShort("c"), .customLong("command")],
    help: "Run these commands. Several run in the order in which they are given.")
  var commands: [String] = []

  @Flag(help: "One JSON object per entry, each on a line.")
  var json = false

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("How results are written: \(AllOutputModes.names.joined(separator: ", ")).", valueName: "mode"))
  var outputs: [String] = []

  @Flag(help: "The same as --output csv.")
  var csv = false

  @Flag(help: "The same as --output markdown.")
  var markdown = false

  @Flag(help: "Parse and check without running.")
  var check = false

  @Flag(help: "Show what would run, what it reads and writes and what is cached, and run nothing.")
  var dryRun = false

  @Flag(help: "Speak JSON lines on standard input and output, for editors and notebooks.")
  var serve = false

  @Flag(help: .hidden)
  var recipeHelp = false

  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp("A recipe to run, and its parameters: RECIPE.vc --name value.", valueName: "recipe"))
  var parameters: [String] = []

  /// `vcsh recipe.vc` means `vcsh -f recipe.vc`.
  private mutating func takeRecipe() {
    guard files.isEmpty, commands.isEmpty, !serve, let first = parameters.first, RecipePath.isRecipe(first) else {
      return
    }
    files = [first]
    parameters.removeFirst()
  }

  mutating func validate() throws {
    takeRecipe()
    guard !(!files.isEmpty && !commands.isEmpty) else { throw ValidationError("-f and -c exclude each other") }
    guard [json, csv, markdown, !outputs.isEmpty].count(where: { $0 }) <= 1 else {
      throw ValidationError("choose one of --output, --json, --csv, --markdown")
    }
    if serve {
      guard files.isEmpty, commands.isEmpty, outputs.isEmpty, !json, !csv, !markdown, !check, !dryRun,
        parameters.isEmpty
      else {
        throw ValidationError("--serve goes with -w alone: what runs, and how results are written, come as requests")
      }
    }
  }

  func run() throws {
    var start = StartOptions()
    (start.workspaces, start.files, start.commands) = (workspaces, files, commands)
    (start.json, start.csv, start.markdown, start.outputs) = (json, csv, markdown, outputs)
    (start.check, start.dryRun, start.serve) = (check, dryRun, serve)
    (start.recipeHelp, start.parameters) = (recipeHelp, parameters)
    try start.run()
  }
}
