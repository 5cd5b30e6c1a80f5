import Base
import Formats
import Foundation
import TestSupport
import Testing

/// Counts of the held-out trials are replaced by numbers that a fit would notice. Nothing that is fitted or chosen may change.
@Suite("Held-out trials take no part in what is fitted or chosen")
struct PlantedOracleTests {
  private struct Tables {
    var automatic: Table
    var chosen: Table
    var sweep: Table
    var transfer: Table
  }

  private func tables(planted: Bool) throws -> Tables {
    let shell = try Shell()
    var recording = try ChangedRecording()
    if planted {
      let held = try heldTrials(recording)
      for (frame, trial) in try recording.trials().enumerated() where held.contains(trial) {
        for cell in 0..<ChangedRecording.cells {
          recording.counts.values[frame * ChangedRecording.cells + cell] = Float((frame / 3 + cell) % 4)
        }
      }
    }
    try recording.open(in: shell)
    let refit = "refit twin readout on changed/gaborium --starts 1 --cells 'cid < 2'"
    return Tables(
      automatic: try shell.table(refit + " --l2 auto --diagnose as a"),
      chosen: try shell.table(refit + " --choose-l2 0.001,0.1 as b"),
      sweep: try shell.table(refit + " --sweep l2=0.001,0.1"),
      transfer: try shell.table("transfer twin to changed/gaborium --hold-out 0,1 --l2 auto --starts 1 --per-cell"))
  }

  private func heldTrials(_ recording: ChangedRecording) throws -> Set<Int> {
    let shell = try Shell()
    try recording.open(in: shell)
    try shell.run("predict twin on changed/gaborium --split val as p")
    try shell.run("export p \(shell.folder)/p.npz")
    let trials = try recording.trials()
    return Set(try NpzArchive(path: shell.folder + "/p.npz").integers("idx").map { trials[$0] })
  }

  @Test("refit --l2 auto, --choose-l2, --sweep, the labels of --diagnose, and transfer") func selections() throws {
    let before = try tables(planted: false)
    let after = try tables(planted: true)
    for column in ["l2", "nll_train", "center_y", "std_x", "bits_per_spike_train"] {
      for path in [\Tables.automatic, \Tables.chosen] {
        #expect(before[keyPath: path][column] == after[keyPath: path][column], "\(column)")
      }
    }
    #expect(before.sweep["nll_train"] == after.sweep["nll_train"] && before.sweep["r_train"] == after.sweep["r_train"])
    #expect(before.automatic["label"] == after.automatic["label"])
    // The scores do see the counts.
    for path in [\Tables.automatic, \Tables.chosen] {
      #expect(before[keyPath: path]["nll_val"] != after[keyPath: path]["nll_val"])
    }
    #expect(before.sweep["nll_val"] != after.sweep["nll_val"])
    // transfer's readouts are those of refit, planted or not.
    for tables in [before, after] {
      let scores = try #require(tables.transfer["new_readout"]?.numbers)
      #expect(scores.count == 2)
      for (a, b) in zip(scores, try #require(tables.automatic["bits_per_spike_val"]?.numbers)) {
        #expect(abs(try #require(a) - #require(b)) < 1e-4)
      }
    }
  }
}
