import Base
import Foundation
import Grids
import Jobs
import Language
import Session

/// The recipe that the jobs of a submission run.
struct JobRecipe {
  let path: String
  /// The words of its text that may name objects which it is given: not those that it makes itself (`as NAME`) before it
  /// uses them.
  let words: Set<String>
  private let parameters: Set<String>
  private let call: Call

  /// - Throws: a failure at `--file` where there is no recipe, or its text is no recipe.
  init(_ file: String, _ call: Call, in session: Session) throws {
    self.call = call
    let path = session.absolute(file)
    self.path = path
    let declared: Set<String>
    do {
      let content = try RegularFile(path: path)
      guard content.size <= 1 << 20 else { throw Failure(.format, "\(path): too long for a recipe") }
      let text = String(decoding: try content.contents(), as: UTF8.self)
      let parsed = try Parser.parse(
        SourceText(text, name: path), signatures: session.signatures, files: SourceFiles())
      parameters = Set(parsed.parameters.map(\.name))
      declared = parameters
      words = Self.givenWords(text)
    } catch let failure as Failure {
      throw Failure(
        failure.kind, "\(failure.message)\(failure.span.map { " (\(path):\($0.line))" } ?? "")", hint: failure.hint,
        span: call.span(of: "file"))
    }
    let over = try call.strings("over").map { try GridAxis.parts($0).path.replacing("-", with: "_") }
    if let unknown = over.first(where: { !declared.contains($0) }) {
      throw Failure(
        .usage, "\(path) has no parameter `\(unknown)`",
        hint: Suggestion.hint(for: unknown, among: declared)
          ?? (declared.isEmpty
            ? "declare it in the recipe: `param \(unknown): string = \"…\" \"what it is\"`"
            : "it has \(declared.sorted().joined(separator: ", "))"),
        span: call.span(of: "over"))
    }
  }

  static func givenWords(_ text: String) -> Set<String> {
    let all = text.split { !($0.isLetter || $0.isNumber || "_-.".contains($0)) }.map(String.init)
    var made: Set<String> = []
    var given: Set<String> = []
    for (place, word) in all.enumerated() where !made.contains(word) && !given.contains(word) {
      if place > 0, all[place - 1] == "as" { made.insert(word) } else { given.insert(word) }
    }
    return given
  }

  /// Its name without the ending.
  var stem: String { ((path as NSString).lastPathComponent as NSString).deletingPathExtension }

  /// The values that it declares, as `--name value`.
  func arguments(_ values: [String: String], columns: [String]) -> [String] {
    let passed = columns + ["run", "workspace", "job"].filter { !columns.contains($0) }
    return passed.filter(parameters.contains).sorted().flatMap { name in
      values[name].map { ["--\(name)", $0] } ?? []
    }
  }

  /// Checks it with the values of a job, before anything is handed over.
  ///
  /// - Throws: what the check finds.
  func check(_ values: [String: String], columns: [String], seed: String) throws {
    let program = try ExternalProgram(OwnProgram.path, remedy: "jobs run vcsh's own program")
    let result = try program.run(["--check", "-w", seed, "-f", path] + arguments(values, columns: columns))
    guard !result.isSuccess else { return }
    let line = result.errors.text.split(separator: "\n").first.map(String.init) ?? result.ending
    throw Failure(
      .usage, "the recipe can't run: \(line.hasPrefix("error: ") ? String(line.dropFirst(7)) : line)",
      hint: "`vcsh --check -f \(path)` shows all", span: call.span(of: "file"))
  }
}
