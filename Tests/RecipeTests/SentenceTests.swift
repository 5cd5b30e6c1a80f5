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

/// What the recipes print in words has the numbers of their own tables, and follows from them.
@Suite("Sentences of recipes")
struct SentenceTests {
  /// A recipe that has run: what it printed, and its variables.
  private struct Finished {
    let output: String
    let session: Session

    func table(_ name: String) throws -> Table {
      let program = try Parser.parse(SourceText("$\(name)", name: "test"), signatures: AllCommands.table.signatures)
      guard case .success(.table(let table)) = session.run(program.statements[0], origin: "test").result else {
        throw Failure(.missing, "no table \(name)")
      }
      return table
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

    func expect(_ start: String, has expected: [Double]) throws {
      let found = try sentence(start)
      #expect(found.count == expected.count, "\(start) \(found)")
      for (number, value) in zip(found, expected) {
        #expect(abs(number.value - value) <= 0.5001 * pow(10, -Double(number.decimals)), "\(start) \(value)")
      }
    }
  }

  private func run(_ recipe: String, parameters: [String: String] = [:], _ body: (Finished) throws -> Void) throws {
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
    try body(Finished(output: output, session: session))
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  @Test("calibrate.vc says what gain and offset improve, whatever that is", arguments: ["gaborium", "fixrsvp"])
  func calibrate(stimulus: String) throws {
    try run("calibrate.vc", parameters: ["stimulus": stimulus]) { done in
      try done.expect(
        "Correlation with the counts: ",
        has: [mean(done.numbers("raw", "r")), try #require(Quantile.of(done.numbers("raw", "r"), share: 0.75))])
      let fit = try done.table("fit")
      func values(_ name: String) -> [Double] {
        (0..<fit.rowCount).filter { fit.record($0)["bits_per_spike_calibrated"]?.number != nil }
          .compactMap { fit.record($0)[name]?.number }
      }
      let before = values("bits_per_spike")
      let gain = mean(values("bits_per_spike_gain"))
      let after = values("bits_per_spike_calibrated")
      try done.expect("Mean held-out bits/spike: ", has: [mean(before), gain, mean(after)])
      let lift = mean(after) - mean(before)
      let share = "The gain alone gives "
      #expect(done.output.contains(share) == (lift > 0 && gain <= mean(after)))
      #expect(done.output.contains("The gain alone improves the score more") == (lift > 0 && gain > mean(after)))
      #expect(done.output.contains("the scale is not what is wrong") == (lift <= 0))
      if done.output.contains(share) { try done.expect(share, has: [100 * (gain - mean(before)) / lift]) }
      let good = [before.count { $0 > 0 }, after.count, after.count { $0 > 0 }].map(Double.init)
      let line = try #require(
        done.output.split(separator: "\n").first { $0.contains(" cells are predicted better than") })
      #expect(line.matches(of: /[0-9]+/).compactMap { Double($0.0) } == good)
    }
  }

  @Test("refit.vc gives the loss and the scores of its table")
  func refit() throws {
    try run("refit.vc") { done in
      let scores = try done.numbers("fit", "bits_per_spike_val")
      try done.expect(
        "Mean training loss ", has: [mean(done.numbers("fit", "nll_train")), try #require(Quantile.median(scores))])
      #expect(
        done.output.contains("\n\(scores.count { $0 > 0.1 }) of \(scores.count) cells score above 0.1 bits/spike.\n"))
    }
  }

  @Test("gain.vc gives the means over the cells of its table")
  func gain() throws {
    try run("gain.vc") { done in
      let names = ["bits_per_spike", "lost_to_scale", "lost_to_offset", "bits_per_spike_calibrated"]
      try done.expect("On gaborium: ", has: names.map { mean(try done.numbers("here", $0)) })
    }
  }

  @Test("compare.vc counts the cells that are better")
  func compare() throws {
    try run("compare.vc") { done in
      let differences = try done.numbers("cells", "difference")
      let start =
        "\(differences.count { $0 > 0 }) of \(differences.count) cells are better. Difference over all cells: "
      try done.expect(
        start,
        has: [try #require(Quantile.median(differences)), mean(differences), mean(done.numbers("summary", "q"))])
    }
  }

  @Test("receptive-fields.vc calls the model's fields clearer only where they are")
  func fields() throws {
    try run("receptive-fields.vc") { done in
      let data = try #require(Quantile.median(try done.numbers("clear", "snr")))
      let model = try #require(Quantile.median(try done.numbers("clear", "snr_model")))
      try done.expect("Median SNR: ", has: [data, model])
      #expect(done.output.contains("The model's fields are clearer") == (model > data))
    }
  }
}
