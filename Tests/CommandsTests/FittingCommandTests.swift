import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Calibrating, freezing, refitting")
struct FittingCommandTests {
  @Test(
    "The calibration is the likelihood's optimum, never worse than the reference", arguments: ["gaborium", "fixrsvp"])
  func calibrationOptimum(stimulus: String) throws {
    let table = try Shell().table("calibrate twin on sim/\(stimulus) --split all --in-sample")
    #expect(
      table.names == [
        "cid", "gain", "offset", "offset_hz", "bits_per_spike", "bits_per_spike_gain", "bits_per_spike_calibrated",
        "nll_calibrated", "converged", "reason",
      ])
    expectClose(try table.numbers("offset_hz"), try table.numbers("offset").map { $0.map { $0 * 120 } }, within: 1e-9)
    let reference = try NpzArchive(path: Fixtures.path("twin/Sim_2025-01-17/expected_\(stimulus).npz")).doubles(
      "opt_affine_nll")
    let losses = try table.known("nll_calibrated")
    #expect(losses.count == reference.count)
    for (ours, theirs) in zip(losses, reference) { #expect(ours <= theirs + 1e-6) }
  }

  @Test("A stored calibration gives the held-out scores that it promised")
  func calibratedEvaluation() throws {
    let shell = try Shell()
    let fit = try shell.table("calibrate twin on sim/gaborium --split all")
    let scores = try shell.table("eval twin on sim/gaborium --split all --calibrated")
    expectClose(try fit.numbers("bits_per_spike_calibrated"), try scores.numbers("bits_per_spike"), within: 1e-5)
    // Freezing makes a new version of the twin, with the same rates.
    try shell.run("freeze twin core")
    #expect(try shell.table("eval twin on sim/gaborium --split all --calibrated") == scores)
    let missing = try shell.failure("eval twin on sim/fixrsvp --calibrated")
    #expect(missing.hint?.contains("calibrate twin on sim/fixrsvp") == true)
  }

  @Test("Frozen is the twin's own state: by part, by pattern, lifted again")
  func freezing() throws {
    let shell = try Shell()
    #expect(try shell.record("freeze twin core")["tensors"] == .int(26))
    #expect(try shell.record("freeze twin 'readouts.0.*'")["frozen"] == .string("core, readouts.0.*"))
    #expect(try shell.failure("unfreeze twin adapters").kind == .missing)
    #expect(try shell.record("unfreeze twin core")["tensors"] == .int(5))
    #expect(try shell.record("unfreeze twin")["frozen"] == .string("nothing"))
    #expect(try shell.failure("freeze twin cor").hint == "did you mean `core`?")
  }

  @Test("A readout on the frozen core for a new session: loss, heads, and the core's bytes")
  func refit() throws {
    let shell = try Shell()
    try shell.run("freeze twin core")
    let table = try shell.table("refit twin readout on nova/backimage as twin-nova --adapter 0")
    #expect(
      table.names.prefix(10) == [
        "cid", "nll_train", "nll_val", "bits_per_spike_val", "center_y", "center_x", "std_y", "std_x", "theta",
        "converged",
      ])
    let losses = try #require(table["nll_train"]?.numbers).compactMap(\.self)
    #expect(losses.count == 12)
    #expect(losses.reduce(0, +) / 12 <= 0.2665, "nats/bin, as the reference optimiser reaches")
    // An error beyond the map of 4 by 4 pixels is none, and a reason says so.
    for column in ["center_y_error", "center_x_error"] {
      for (row, error) in try table.numbers(column).enumerated() {
        #expect(error.map { $0 <= 4 } ?? (table["reason"]?[row] != .null), "\(column) of row \(row)")
      }
    }

    // The new head predicts what the table promises.
    let scores = try shell.table("eval twin-nova on nova/backimage").numbers("bits_per_spike")
    expectClose(scores, try table.numbers("bits_per_spike_val"), within: 5e-3)
    // Every cell beats the constant rate on the training split.
    let train = try shell.table("eval twin-nova on nova/backimage --split train").known("bits_per_spike")
    #expect(train.count == 12 && train.allSatisfy { $0 > 0 })
    // The old heads answer as before: nothing of the core or of them was touched.
    #expect(
      try shell.table("eval twin-nova on sim/gaborium").known("nll")
        == shell.table("eval twin on sim/gaborium").known("nll"))
    #expect(try shell.failure("refit twin readout on nova/backimage as sim").kind == .conflict)
  }

  @Test("A frozen readout is not refitted")
  func frozenReadout() throws {
    let shell = try Shell()
    try shell.run("freeze twin readouts")
    let failure = try shell.failure("refit twin readout on sim/gaborium as other")
    #expect(failure.kind == .conflict)
    #expect(failure.hint?.contains("unfreeze") == true)
    #expect(try !shell.names().contains("other"))
  }

  @Test("Ctrl-C in the middle of a fit leaves the workspace as it was; finished features stay cached")
  func cancelled() throws {
    let sink = CancellingSink(after: "core features")
    let shell = try Shell(progress: sink)
    let before = try shell.session.workspace.names()
    sink.cancellation = shell.session.work.cancellation
    let failure = try shell.failure("refit twin readout on nova/backimage as twin-nova")
    #expect(failure.kind == .interrupted, "\(failure.message)")
    #expect(sink.wasReached, "the fit had begun")
    shell.session.work.cancellation.reset()
    #expect(try shell.session.workspace.names() == before)
    #expect(try shell.session.workspace.history(limit: 1).last?.status == .interrupted)
  }

  @Test("Calibrated rates on trials that were fitted are held out, whatever split is asked for")
  func calibratedAcrossSplits() throws {
    let shell = try Shell()
    try shell.run("calibrate twin on sim/gaborium --split all")
    let all = shell.folder + "/all.npz"
    let val = shell.folder + "/val.npz"
    try shell.run("predict twin on sim/gaborium --split all --calibrated as pa; export pa \(all)")
    try shell.run("predict twin on sim/gaborium --split val --calibrated as pv; export pv \(val)")
    // The val trials' rates are those of the whole: each trial has its half's, not the fit to all bins.
    let a = try NpzArchive(path: all)
    let v = try NpzArchive(path: val)
    let rows = Dictionary(uniqueKeysWithValues: try a.integers("idx").enumerated().map { ($1, $0) })
    let whole = try a.tensor("rhat")
    let own = try v.tensor("rhat")
    for (index, frame) in try v.integers("idx").enumerated() {
      let row = try #require(rows[frame])
      let same = zip(whole[row: row].values, own[row: index].values).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
      #expect(same, "frame \(frame)")
    }
  }

  @Test("Another head's calibration is not applied")
  func calibrationOfHead() throws {
    let shell = try Shell()
    try shell.run("calibrate twin on sim/gaborium")
    let failure = try shell.failure("eval twin on sim/gaborium --head 0 --calibrated")
    #expect(failure.hint?.contains("leave out --head") == true)
  }
}

/// Cancels when another piece of work than `first` begins.
private final class CancellingSink: ProgressSink, @unchecked Sendable {
  private let first: String
  var cancellation: Cancellation?
  private(set) var wasReached = false

  init(after first: String) { self.first = first }

  func begin(_ title: String, total: Int, unit: String) {
    guard !title.hasPrefix(first), cancellation != nil else { return }
    wasReached = true
    cancellation?.cancel()
  }

  func advance(to done: Int) {}
  func end() {}
}
