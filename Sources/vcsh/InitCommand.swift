import ArgumentParser
import Base
import Foundation
import Session
import Terminal
import Workspace

/// `vcsh init DIR`.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "init", abstract: "Make a workspace.")

  @Argument(help: "Its folder.")
  var directory: String = "."

  func run() throws {
    let workspace = try Workspace.create(at: directory, payloads: AllKinds.payloads)
    if let recipes = InstalledFolder.path(of: "recipes") { try Template.copy(recipes, to: workspace.root + "/recipes") }
    let words = "made a workspace in \(workspace.root); start with `vcsh -w \(directory)`"
    StandardStreams.writeError(SafeText.line(words) + "\n")
  }
}
