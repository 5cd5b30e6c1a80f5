import Base
import Commands
import Foundation
import Language
import Rendering
import Session
import Shell
import Synchronization
import TestSupport
import Testing
import Workspace

/// A recipe that has run: what it printed, and its variables.
struct FinishedRecipe {
  let output: String
  let session: Session

  func table(_ name: String) throws -> Table { try answer("$\(name)") }

  /// The table that another command answers in the recipe's session.
  func answer(_ line: String) throws -> Table {
    let program = try Parser.parse(SourceText(line, name: "test"), signatures: AllCommands.table.signatures)
    switch session.run(program.statements[0], origin: "test").result {
    case .success(.table(let table)): return table
    case .success: throw Failure(.missing, "\(line): no table")
    case .failure(let failure): throw failure
    }
  }

  func numbers(_ name: String, _ column: String) throws -> [Double] {
    try #require(try table(name)[column]?.numbers).compactMap(\.self)
  }

  /// The numbers of the one printed line that begins with `start`, with the decimals that they have.
  func sentence(_ start: String) throws -> [(value: Double, decimals: Int)] {
    let lines = output.split(separator: "\n").filter { $0.hasPrefix(start) || start.isEmpty }
    #expect(lines.count == 1, "\(start): \(lines)")
    let line = try #require(lines.first).dropFirst(start.count)
    return line.matches(of: /-?[0-9]+(?:\.([0-9]+))?/).compactMap { match in
      Double(match.0).map { ($0, match.1?.count ?? 0) }
    }
  }

  /// The numbers of the one printed line that holds `part`.
  func numbers(inLineWith part: String) throws -> [Double] {
    let lines = output.split(separator: "\n").filter { $0.contains(part) }
    #expect(lines.count == 1, "\(part): \(lines)")
    return try #require(lines.first).matches(of: /-?[0-9]+(?:\.[0-9]+)?/).compactMap { Double($0.0) }
  }

  /// Holds the numbers of the line that begins with `start` against values, to the decimals that it shows.
  func expect(_ start: String, has expected: [Double]) throws {
    let found = try sentence(start)
    #expect(found.count == expected.count, "\(start) \(found)")
    for (number, value) in zip(found, expected) {
      #expect(abs(number.value - value) <= 0.5001 * pow(10, -Double(number.decimals)), "\(start) \(value)")
    }
  }

  /// Runs a recipe on the demo's data, in a workspace of its own.
  static func run(
    _ recipe: String, parameters: [String: String] = [:], _ body: (FinishedRecipe) throws -> Void
  ) throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let workspace = try Workspace.create(at: folder + "/ws", payloads: AllKinds.payloads)
    for part in ["checkpoints", "recordings", "runs"] {
      try FileManager.default.createSymbolicLink(
        atPath: workspace.root + "/" + part, withDestinationPath: DocumentPage.project + "/workspace-template/" + part)
    }
    let code = try String(contentsOfFile: DocumentPage.project + "/recipes/" + recipe, encoding: .utf8)
    let batch = try BatchRun(code, name: recipe, commands: AllCommands.table)
    var output = ""
    var errors = ""
    let printer = EntryPrinter(.results(.batch()), write: { output += $0 }, writeError: { errors += $0 })
    let session = Session(workspace: workspace, commands: AllCommands.table)
    #expect(try batch.run(in: session, parameters: parameters, printer: printer) == 0, "\(errors)")
    expectSame(output, of: recipe, parameters)
    try body(FinishedRecipe(output: output, session: session))
  }

  /// What a recipe printed in the first workspace of this run, by its name and parameters.
  private static let first = Mutex<[String: String]>([:])

  /// Expects a recipe to print the same bytes in every fresh workspace.
  static func expectSame(
    _ output: String, of recipe: String, _ parameters: [String: String] = [:],
    _ location: SourceLocation = #_sourceLocation
  ) {
    let key = ([recipe] + parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
    let known = first.withLock { first in
      defer { if first[key] == nil { first[key] = output } }
      return first[key]
    }
    if let known { #expect(output == known, "\(recipe) is not byte-stable", sourceLocation: location) }
  }
}
