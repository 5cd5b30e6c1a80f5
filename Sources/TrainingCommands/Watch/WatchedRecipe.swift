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
  /// Parameters that the recipe opens, with the paths that they have here.
  private let opened: [(name: String, path: String)]
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
    guard let words = RecipeWords.split(text) else {
      throw Failure(.usage, "--\(name): a quotation mark has no end", span: span)
    }
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
      let text = String(decoding: try content.contents(), as: UTF8.self)
      let parsed = try Parser.parse(
        SourceText(text, name: path), signatures: session.signatures, files: SourceFiles())
      parameters = Set(parsed.parameters.map(\.name))
      opened = Self.opened(by: text, parsed.parameters, given: arguments)
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
    let given = arguments.filter { $0.hasPrefix("--") }.map { String($0.dropFirst(2)).replacing("-", with: "_") }
    if let unknown = given.first(where: { !parameters.contains($0) }) {
      throw Failure(
        .usage, "--\(name): \(path) has no parameter --\(unknown.shortened)",
        hint: Suggestion.hint(for: unknown, among: parameters)
          ?? "it has \(parameters.sorted().joined(separator: ", "))",
        span: span)
    }
    folder = session.folder ?? FileManager.default.currentDirectoryPath
    program = try ExternalProgram(OwnProgram.path, remedy: "vcsh runs recipes by its own program")
  }

  /// The recipe's own parameters of the type path that it opens, `open $NAME` or `--config $NAME`: other paths may be files
  /// that it writes. An empty path stands for none.
  private static func opened(
    by text: String, _ parameters: [ParameterDeclaration], given: [String]
  ) -> [(name: String, path: String)] {
    parameters.filter { $0.type == .path && $0.name != "checkpoint" }.compactMap { parameter in
      let places = ["open", "--config"].flatMap { text.ranges(of: "\($0) $\(parameter.name)") }
      let isOpened = places.contains { place in
        text[place.upperBound...].first.map { !$0.isLetter && !$0.isNumber && $0 != "_" } ?? true
      }
      guard isOpened else { return nil }
      let flag = given.lastIndex { $0.hasPrefix("--") && $0.dropFirst(2).replacing("-", with: "_") == parameter.name }
      if let flag { return given.indices.contains(flag + 1) ? (parameter.name, given[flag + 1]) : nil }
      let path = parameter.fallbackText?.trimmingCharacters(in: CharacterSet(charactersIn: "\"'"))
      return path.flatMap { $0.contains("$") || $0.isEmpty ? nil : (parameter.name, $0) }
    }
  }

  /// Finds what is wrong with the recipe without running it, as `vcsh --check` does, with the parameters that it is given here;
  /// and whether what it opens is there.
  ///
  /// - Throws: `missing` for a path that is not there, `usage` for anything else.
  func check(at span: SourceSpan, in session: Session) throws {
    for (parameter, file) in opened where !FileManager.default.fileExists(atPath: session.absolute(file)) {
      throw Failure(
        .missing, "--\(name): the recipe opens \(file.shortened), and there is no such file or folder",
        hint: "--\(name) \"\(path) --\(parameter) PATH\" names another one", span: span)
    }
    let cancellation = session.work.cancellation
    let workspace = FileManager.default.temporaryDirectory.path + "/vcsh-watch-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: workspace) }
    let made = try program.run(["init", workspace], folder: folder, cancellation: cancellation)
    guard made.isSuccess else { throw Failure(.system, "no workspace for \(path): \(made.errors.text)") }
    let turn = RecipeTurns.Turn(run: "run", epoch: 0, path: "epoch.safetensors")
    let result = try program.run(
      ["-w", workspace, "--check", "-f", path] + given(turn) + arguments, folder: folder, cancellation: cancellation)
    guard !result.isSuccess else { return }
    let lines = result.errors.text.split(separator: "\n").map { $0.trimmingPrefix(while: \.isWhitespace) }
    let problem = lines.first { $0.hasPrefix("error: ") }.map { String($0.dropFirst(7)) } ?? result.ending
    let place = lines.first { $0.hasPrefix("--> ") }.map { " (\($0.dropFirst(4)))" } ?? ""
    throw Failure(
      .usage, "--\(name): the recipe can't run: \(problem)\(place)", hint: "`vcsh --check -f \(path)` shows all",
      span: span)
  }

  /// What it is told of a checkpoint.
  private func given(_ turn: RecipeTurns.Turn) -> [String] {
    ["--checkpoint", turn.path] + (declared.contains("run") ? ["--run", turn.run] : [])
      + (declared.contains("epoch") ? ["--epoch", String(turn.epoch)] : [])
  }

  /// Runs the recipe on a checkpoint to its end.
  ///
  /// - Throws: `interrupted`; the failure that it ended with.
  func run(_ turn: RecipeTurns.Turn, _ cancellation: Cancellation) throws -> Results {
    let workspace = FileManager.default.temporaryDirectory.path + "/vcsh-watch-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: workspace) }
    let made = try program.run(["init", workspace], folder: folder, cancellation: cancellation)
    guard made.isSuccess else { throw Failure(.system, "no workspace for \(path): \(made.errors.text)") }
    let result = try program.run(
      ["-w", workspace, "--json", "-f", path] + given(turn) + arguments, folder: folder, limit: 64 << 20,
      cancellation: cancellation)
    let read = try RecipeResults.read(output: result.output.text)
    guard result.isSuccess else {
      let line = result.errors.text.split(separator: "\n").first.map(String.init) ?? result.ending
      throw Failure(.undefined, line.hasPrefix("error: ") ? String(line.dropFirst(7)) : line)
    }
    return read
  }
}
