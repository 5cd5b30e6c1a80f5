import Base
import Foundation
import Jobs
import Language
import Runs
import Session

/// A recipe that runs on checkpoints of a training, as a program of its own in a workspace that goes with it.
struct WatchedRecipe: Sendable {
  /// `fast` or `slow`.
  let name: String
  let path: String
  let every: Int
  private let arguments: [String]
  private let declared: Set<String>
  private let folder: String
  private let program: ExternalProgram

  typealias Results = (rows: [RecipeResults.Row], tables: [String])

  /// The flag `--fast "RECIPE --NAME VALUE"` and how often.
  ///
  /// - Parameter interval: the flag that says how often.
  /// - Returns: nil where the flag is not given.
  /// - Throws: `missing` where there is no such recipe; `usage` where it can't be parsed or takes no checkpoint.
  init?(_ name: String, interval: String, _ call: Call, in session: Session) throws {
    guard let text = try call.optionalString(name) else {
      guard !call.isGiven(interval) else {
        throw Failure(.usage, "--\(interval) does nothing without --\(name)", span: call.span(of: interval))
      }
      return nil
    }
    let span = call.span(of: name)
    let words = text.split(separator: " ").map(String.init)
    guard let file = words.first else { throw Failure(.usage, "--\(name) needs a recipe", span: span) }
    self.name = name
    let path = session.absolute(file)
    self.path = path
    every = try call.int(interval)
    guard (1...1_000_000).contains(every) else {
      throw Failure(
        .usage, "--\(interval): \(every) must be a positive number of epochs", span: call.span(of: interval))
    }
    arguments = Array(words.dropFirst())
    let parameters: Set<String>
    do {
      let content = try RegularFile(path: path)
      guard content.size <= 1 << 20 else { throw Failure(.format, "\(path): too long for a recipe") }
      let parsed = try Parser.parse(
        SourceText(String(decoding: try content.contents(), as: UTF8.self), name: path), signatures: session.signatures,
        files: SourceFiles())
      parameters = Set(parsed.parameters.map(\.name))
    } catch let failure as Failure {
      // Its own place is in the recipe: the line of the command stays the place of the failure.
      throw Failure(
        failure.kind, "--\(name): \(failure.message)\(failure.span.map { " (\(path):\($0.line))" } ?? "")",
        hint: failure.hint, span: span)
    }
    declared = parameters
    guard parameters.contains("checkpoint") else {
      throw Failure(
        .usage, "--\(name): \(path) has no parameter `checkpoint`",
        hint: "`param checkpoint: path = \"model.ckpt\" \"the checkpoint\"` takes the file of each epoch", span: span)
    }
    folder = session.folder ?? FileManager.default.currentDirectoryPath
    program = try ExternalProgram(OwnProgram.path, remedy: "vcsh runs recipes by its own program")
  }

  /// Runs the recipe on a checkpoint to its end.
  ///
  /// - Throws: `interrupted`; the failure that it ended with.
  func run(_ turn: RecipeTurns.Turn, _ cancellation: Cancellation) throws -> Results {
    let workspace = FileManager.default.temporaryDirectory.path + "/vcsh-watch-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: workspace) }
    let made = try program.run(["init", workspace], folder: folder, cancellation: cancellation)
    guard made.isSuccess else { throw Failure(.system, "no workspace for \(path): \(made.errors.text)") }
    var given = ["--checkpoint", turn.path]
    if declared.contains("run") { given += ["--run", turn.run] }
    if declared.contains("epoch") { given += ["--epoch", String(turn.epoch)] }
    let result = try program.run(
      ["-w", workspace, "--json", "-f", path] + given + arguments, folder: folder, limit: 64 << 20,
      cancellation: cancellation)
    let read = try RecipeResults.read(output: result.output.text)
    guard result.isSuccess else {
      let line = result.errors.text.split(separator: "\n").first.map(String.init) ?? result.ending
      throw Failure(.undefined, line.hasPrefix("error: ") ? String(line.dropFirst(7)) : line)
    }
    return read
  }
}
