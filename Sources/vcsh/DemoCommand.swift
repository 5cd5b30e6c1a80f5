import ArgumentParser
import Base
import Commands
import Foundation
import Session
import Shell
import Terminal
import Workspace

/// `vcsh demo [DIR]`: a workspace with a small twin and recordings, and the story they tell.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Make a demo workspace and run its recipes: calibrate, refit, one neuron.")

  @Argument(help: "Its folder.")
  var directory: String = "vcsh-demo"

  /// The recipes of the story, in order.
  static let recipes = ["calibrate.vc", "refit.vc", "neuron.vc"]

  func run() throws {
    guard let template = InstalledFolder.path(of: "workspace-template"),
      let recipes = InstalledFolder.path(of: "recipes")
    else {
      let missing = ["workspace-template", "recipes"].filter { InstalledFolder.path(of: $0) == nil }
      throw Failure(
        .missing, "the demo's data (\(missing.joined(separator: ", "))) is not installed beside this program",
        hint: "run it from its source folder, or set VCSH_SHARE to the folder that holds it")
    }
    let exists = Workspace.find(from: directory) == URL(filePath: directory).standardizedFileURL.path
    let workspace =
      exists
      ? try Workspace(at: directory, payloads: AllKinds.payloads)
      : try Workspace.create(at: directory, payloads: AllKinds.payloads)
    try Template.copy(template, to: workspace.root)
    try Template.copy(recipes, to: workspace.root + "/recipes")
    let session = try Session.session(on: workspace)
    for name in Self.recipes {
      let path = "\(recipes)/\(name)"
      let data = try RegularFile(path: path).contents()
      let options = ProgramRun.screenOptions()
      let rule = options.unicode ? "━" : "="
      let title = "\(rule)\(rule) recipes/\(name) "
      let rest = max(0, min(options.width ?? 80, 80) - title.count)
      try StandardStreams.write("\n" + title + String(repeating: rule, count: rest) + "\n\n")
      let batch = try BatchRun(
        String(decoding: data, as: UTF8.self), name: "recipes/\(name)", commands: AllCommands.table)
      let printer = EntryPrinter(
        .results(options), colour: ProgramRun.errorColour, write: { try StandardStreams.write($0) },
        writeError: StandardStreams.writeError)
      let status = try batch.run(in: session, parameters: [:], printer: printer)
      if status != 0 { throw ProgramRun.Status(code: status) }
    }
    StandardStreams.writeError("\nThe workspace is yours: `vcsh -w \(directory)`, then `ls`, `help`, `history`.\n")
  }
}
