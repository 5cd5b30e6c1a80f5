import Base
import Commands
import Foundation
import Language
import Rendering
import Session
import Shell
import TestSupport
import Testing
import Workspace

/// Every recipe runs from first to last on the demo's data.
@Suite("Recipes")
struct RecipeTests {
  static let project = URL(filePath: Fixtures.root).deletingLastPathComponent().deletingLastPathComponent().path
  static let recipes =
    ((try? FileManager.default.contentsOfDirectory(atPath: project + "/recipes")) ?? []).filter { $0.hasSuffix(".vc") }
    .sorted()

  @Test("There are recipes for the main jobs")
  func exist() {
    #expect(Set(["calibrate.vc", "refit.vc", "neuron.vc"]).isSubset(of: Self.recipes))
  }

  func run(_ name: String, parameters: [String: String] = [:]) throws -> (status: Int32, output: String, errors: String)
  {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let workspace = try Workspace.create(at: folder + "/ws", payloads: AllKinds.payloads)
    for part in ["checkpoints", "recordings", "runs"] {
      try FileManager.default.createSymbolicLink(
        atPath: workspace.root + "/" + part, withDestinationPath: Self.project + "/workspace-template/" + part)
    }
    let path = Self.project + "/recipes/" + name
    let batch = try BatchRun(
      String(contentsOfFile: path, encoding: .utf8), name: "recipes/" + name, commands: AllCommands.table)
    #expect(batch.problems(given: [:]).isEmpty)
    var output = ""
    var errors = ""
    let printer = EntryPrinter(.results(.batch()), write: { output += $0 }, writeError: { errors += $0 })
    let status = try batch.run(
      in: Session(workspace: workspace, commands: AllCommands.table), parameters: parameters, printer: printer)
    return (status, output, errors)
  }

  /// Recipes whose sentences are checked: they run once more there, and print the same bytes.
  static let checked = [
    "compare.vc", "evaluate.vc", "events.vc", "gain.vc", "neuron.vc", "receptive-fields.vc", "refit.vc",
    "temporal.vc", "why.vc",
  ]

  @Test("A recipe runs, and prints the same bytes in two fresh workspaces", arguments: recipes)
  func recipe(name: String) throws {
    for _ in 0..<(Self.checked.contains(name) ? 1 : 2) {
      let done = try run(name)
      #expect(done.status == 0, "\(done.errors)")
      #expect(!done.output.isEmpty)
      FinishedRecipe.expectSame(done.output, of: name)
    }
  }

  @Test("Every recipe says its language version and its parameters", arguments: recipes)
  func declared(name: String) throws {
    let text = try String(contentsOfFile: Self.project + "/recipes/" + name, encoding: .utf8)
    #expect(text.hasPrefix("vcsh 1\n"))
    let parameters = try BatchRun(text, name: name, commands: AllCommands.table).parameters
    #expect(!parameters.isEmpty)
    #expect(parameters.allSatisfy { $0.help != nil })
  }

  @Test("A parameter changes what runs; a wrong one is named")
  func parameters() throws {
    #expect(try run("neuron.vc", parameters: ["cid": "8"]).output.contains("cell 8 of Sim_2025-01-17"))
    let wrong = try run("neuron.vc", parameters: ["cdi": "8"])
    #expect(wrong.status == 2)
    #expect(wrong.errors.contains("did you mean `--cid`?"))
    #expect(try run("neuron.vc", parameters: ["cid": "eight"]).status == 2)
  }

  @Test("A failure in the middle stops there, with file, line and column; what was done stays")
  func failureInTheMiddle() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let workspace = try Workspace.create(at: folder + "/ws", payloads: AllKinds.payloads)
    let text = "open \(Self.project)/workspace-template/recordings/Sim_2025-01-17 as sim\nshow nosuch\ndrop sim\n"
    let batch = try BatchRun(text, name: "broken.vc", commands: AllCommands.table)
    var errors = ""
    let printer = EntryPrinter(.results(.batch()), write: { _ in }, writeError: { errors += $0 })
    #expect(
      try batch.run(in: Session(workspace: workspace, commands: AllCommands.table), parameters: [:], printer: printer)
        == 1)
    #expect(errors.contains("broken.vc:2:6"))
    #expect(errors.contains("^^^^^^"))
    #expect(try workspace.names().map(\.name) == ["sim"])
    #expect(try workspace.history(limit: 5).map(\.status) == [.ok, .failed])
  }
}
