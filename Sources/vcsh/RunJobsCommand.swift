import ArgumentParser
import Grids

/// `vcsh run-jobs FOLDER N`: the runner of `submit`'s engine local. Only `submit` starts it.
struct RunJobsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run-jobs", abstract: "Run the jobs of a batch on this machine.", shouldDisplay: false)

  @Argument(help: "The batch's folder.")
  var folder: String

  @Argument(help: "Which of its submissions, from 0.")
  var submission: Int

  func run() throws { try LocalRunner(folder: folder, submission: submission).run() }
}
