import Base
import Foundation
import TestSupport
import Testing

@Suite("What the loss favours")
struct FavourTests {
  private func numbers(_ table: Table, _ name: String) throws -> [Double] {
    try #require(table[name]?.numbers).compactMap(\.self)
  }

  /// A few seconds of a recording, so that the core has little to do.
  private func shell(_ change: (inout ChangedRecording) -> Void = { _ in }) throws -> Shell {
    let shell = try Shell()
    var recording = try ChangedRecording()
    change(&recording)
    try recording.open(in: shell)
    return shell
  }

  @Test("Scores are those of eval, the parts of the loss add up to it, and shares to 1")
  func shares() throws {
    let shell = try shell()
    let table = try shell.table("favour twin on changed/gaborium")
    let scores = try shell.table(
      "eval twin on changed/gaborium --split train --metrics rate_hz,bits_per_spike,r,nll,valid_bins")
    for name in ["cid", "rate_hz", "bits_per_spike", "r"] {
      #expect(table[name] == scores[name], "\(name)")
    }
    for name in ["loss_share", "readout_share", "core_share", "loss_w", "readout_w", "core_w"] {
      #expect(abs(try numbers(table, name).reduce(0, +) - 1) < 1e-12, "\(name)")
    }
    let bins = try numbers(scores, "valid_bins")
    let loss = zip(try numbers(scores, "nll"), bins).reduce(0) { $0 + $1.0 * $1.1 } / bins.reduce(0, +)
    let sizes = try shell.table("favour twin on changed/gaborium --sizes")
    #expect(abs(try numbers(sizes, "loss").reduce(0, +) - loss) < 1e-12)
    #expect(table.note?.contains("it was trained on backimage") == true)
  }

  @Test("Weights are the inverse mean counts of the training trials, whatever split is asked for")
  func weights() throws {
    let shell = try shell()
    let train = try shell.table("favour twin on changed/gaborium --sizes")
    let rates = try numbers(train, "rate_hz")
    let weights = try numbers(train, "weight")
    let products = zip(rates, weights).map { $0 * $1 }
    #expect(products.allSatisfy { abs($0 / products[0] - 1) < 1e-12 })
    #expect(abs(weights.reduce(0, +) / 16 - 1) < 1e-12)
    let val = try shell.table("favour twin on changed/gaborium --split val")
    #expect(zip(try numbers(val, "weight"), weights).allSatisfy { abs($0 - $1) < 1e-12 })
    // Every size is multiplied by its cell's weight.
    let core = zip(try numbers(train, "gradient_core"), weights).map { $0 * $1 }
    let shares = try numbers(shell.table("favour twin on changed/gaborium"), "core_w")
    #expect(zip(core, shares).allSatisfy { abs($0 / core.reduce(0, +) - $1) < 1e-12 })
  }

  @Test("The summary tells that fast cells own the loss and its gradient, and less of it under the weights")
  func summary() throws {
    let shell = try shell()
    let summary = try shell.table("favour twin on changed/gaborium --summary")
    func value(_ quantity: String, _ column: String) throws -> Double {
      let row = try #require((0..<summary.rowCount).first { summary.record($0)["quantity"]?.plainText == quantity })
      return try #require(summary.record(row)[column]?.number)
    }
    let cells = try shell.table("favour twin on changed/gaborium")
    // Correlation of ranks; equal values share their mean rank.
    let ranks = [try numbers(cells, "r"), try numbers(cells, "rate_hz")].map { values in
      values.map { value in
        Double(values.count { $0 < value }) + Double(values.count { $0 == value } - 1) / 2 - Double(values.count - 1)
          / 2
      }
    }
    func sum(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let rho = sum(ranks[0], ranks[1]) / (sum(ranks[0], ranks[0]) * sum(ranks[1], ranks[1])).squareRoot()
    #expect(try abs(value("r", "rho") - rho) < 1e-12)
    for quantity in ["loss", "deviance", "gradient_core"] {
      #expect(try value(quantity, "rho") > 0.6)
      // A quarter of the cells, were all alike.
      #expect(try value(quantity, "top_quarter") > 0.35)
      #expect(try value(quantity, "top_quarter_w") < value(quantity, "top_quarter"))
    }
    let table = try shell.table("favour twin on changed/gaborium | sort rate_hz --reverse | head 4")
    let top = try numbers(table, "core_share").reduce(0, +)
    #expect(abs(try value("gradient_core", "top_quarter") - top) < 1e-12)
  }

  @Test("A silent cell has a part of the loss and no weight, a masked one neither, and both say why")
  func quietCells() throws {
    let shell = try shell {
      $0.silence(cell: 3)
      $0.cover(cell: 5)
    }
    let table = try shell.table("favour twin on changed/gaborium")
    let silent = table.record(3)
    #expect(silent["bits_per_spike"] == .null && silent["weight"] == .null && silent["core_w"] == .null)
    #expect((silent["core_share"]?.number ?? 0) > 0 && (silent["loss_share"]?.number ?? 0) > 0)
    #expect(silent["reason"]?.plainText.contains("no spikes") == true)
    let masked = table.record(5)
    for name in ["rate_hz", "loss_share", "readout_share", "core_share", "weight", "loss_w"] {
      #expect(masked[name] == .null, "\(name)")
    }
    #expect(masked["reason"]?.plainText == "all bins masked")
    #expect(abs(try numbers(table, "core_w").reduce(0, +) - 1) < 1e-12)
  }

  @Test("A recording without trials has no training split, and is weighed by all its frames")
  func noTrials() throws {
    let shell = try shell { $0.hasTrials = false }
    #expect(try shell.failure("favour twin on changed/gaborium").hint == "use `--split all`")
    let table = try shell.table("favour twin on changed/gaborium --split all")
    let products = zip(try numbers(table, "rate_hz"), try numbers(table, "weight")).map { $0 * $1 }
    #expect(products.count == 16 && products.allSatisfy { abs($0 / products[0] - 1) < 1e-12 })
  }

  @Test("Only softplus rates of Gaussian readouts have gradients here")
  func unsupported() throws {
    let shell = try Shell(
      zoo: "learned_dense_concat_convgru_gaussian_history", yaml: BehaviourRecordings.yaml())
    #expect(try shell.failure("favour twin on rec/backimage").kind == .unsupported)
  }

  @Test("What can't be asked is refused with a way out")
  func refusals() throws {
    let shell = try Shell()
    #expect(try shell.failure("favour twin on sim/gaborium --sizes --summary").kind == .usage)
    #expect(try shell.failure("favour twin on sim/gaborum").hint == "did you mean `sim/gaborium`?")
    #expect(
      try shell.failure("favour twin on nova/backimage").hint?.hasPrefix(
        "`refit twin readout on nova/backimage as NAME`")
        == true)
    #expect(try shell.failure("favour twin on nova/backimage --head 0").message.contains("cells"))
  }

  @Test("A kept table stands under its name, with the twin and the stimulus it came from")
  func kept() throws {
    let shell = try shell()
    let table = try shell.table("favour twin on changed/gaborium as favoured")
    #expect(try shell.table("show favoured").columns == table.columns)
    let lineage = try shell.table("lineage favoured --table")
    let lines = (0..<lineage.rowCount).map { row in lineage.columns.map { $0[row].plainText }.joined(separator: " | ") }
    for part in ["| twin | twin |", "| recording | changed |"] {
      #expect(lines.contains { $0.contains(part) }, "\(part): \(lines)")
    }
    #expect(try shell.failure("favour twin on changed/gaborium as favoured").hint?.contains("--replace") == true)
  }
}
