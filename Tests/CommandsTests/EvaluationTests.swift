import Base
import Formats
import Foundation
import Metrics
import TestSupport
import Testing

@Suite("Evaluating")
struct EvaluationTests {
  @Test("Rates, bits/spike, r and likelihood are VisionCore's, frame for frame")
  func matchesReference() throws {
    let shell = try Shell()
    let expected = try NpzArchive(path: Fixtures.path("twin/Sim_2025-01-17/expected_gaborium.npz"))
    let file = shell.folder + "/p.npz"
    try shell.run("predict twin on sim/gaborium --split all as p; export p \(file)")
    let written = try NpzArchive(path: file)

    let frames = try written.integers("idx")
    let reference = try expected.integers("idx")
    #expect(Set(frames) == Set(reference))
    let row = Dictionary(uniqueKeysWithValues: frames.enumerated().map { ($1, $0) })
    for (name, tolerance) in [("rhat", Float(1e-4)), ("robs", 0), ("dfs", 0)] {
      let ours = try written.tensor(name)
      let theirs = try expected.tensor(name)
      let cells = theirs.shape[1]
      let worst = reference.indices.reduce(Float(0)) { worst, index in
        let own = (row[reference[index]] ?? 0) * cells
        return (0..<cells).reduce(worst) { max($0, abs(ours.values[own + $1] - theirs.values[index * cells + $1])) }
      }
      #expect(worst <= tolerance, "\(name)")
    }

    let table = try shell.table("eval twin on sim/gaborium --split all")
    #expect(table.names == ["cid", "spikes", "rate_hz", "bits_per_spike", "r", "nll", "reason"])
    for (column, name, tolerance) in [
      ("bits_per_spike", "bps", 1e-3), ("r", "pearson", 1e-4), ("nll", "nll", 1e-4), ("rate_hz", "mean_rate_hz", 1e-3),
    ] {
      expectClose(try table.numbers(column), try expected.doubles(name), within: tolerance, "\(column)")
    }
  }

  @Test("Metrics of repeats come by name; where nothing repeats the reason says so")
  func chosenMetrics() throws {
    let shell = try Shell()
    let table = try shell.table("eval twin on sim/fixrsvp --split all --metrics cc_norm,oracle")
    #expect(table.names == ["cid", "spikes", "rate_hz", "cc_norm", "oracle", "reason"])
    // VisionCore's ceilings by seeded halves, from 20 trials on; NaN where there is none.
    let halves = try shell.table(
      "eval twin on sim/fixrsvp --split all --metrics cc_norm_split --min-trials 20 --seed 0")
    let expected = try NpzArchive(path: Fixtures.path("twin/Sim_2025-01-17/expected_fixrsvp.npz"))
      .doubles("ccnorm_seed0")
    expectClose(try halves.numbers("cc_norm_split"), expected.map { $0.isNaN ? nil : $0 }, within: 1e-3)
    let once = try shell.table("eval twin on sim/gaborium --metrics cc_norm")
    #expect(once.record(0)["reason"] == .string("stimulus does not repeat"))
    let stored = try shell.table("sql \"SELECT DISTINCT metric, variant FROM metrics WHERE metric = 'cc_norm'\"")
    #expect(stored.record(0)["variant"] == .string("raw, min-trials 4, splits 500, seed 42"))
    let failure = try shell.failure("eval twin on sim/gaborium --metrics cc_nrom")
    #expect(failure.hint == "did you mean `cc_norm`?")
  }

  @Test("The checker knows which columns --metrics brings")
  func checkedMetrics() throws {
    let shell = try Shell()
    #expect(throws: Never.self) { try shell.run("eval twin on sim/fixrsvp --metrics all | where cc_max_split > 2") }
    let failure = try shell.failure("eval twin on sim/gaborium | sort cc_norm")
    #expect(failure.message.contains("cc_norm"))
  }

  @Test("The default split is val; scores are kept with their metric's version")
  func defaultSplit() throws {
    let shell = try Shell()
    let table = try shell.table("eval twin on sim/gaborium as scores")
    #expect(table.note?.contains("split val") == true)
    #expect(try shell.names().contains("scores"))
    #expect(try shell.table("show scores") == table)
    let kept = try shell.table("sql \"SELECT DISTINCT metric, metric_version, split FROM metrics ORDER BY metric\"")
    #expect(kept["metric"]?.values == .string(["bits_per_spike", "nll", "r"]))
    for row in 0..<kept.rowCount {
      let record = kept.record(row)
      let metric = try #require(AllMetrics.named(record["metric"]?.plainText ?? ""))
      #expect(record["metric_version"] == .int(metric.version) && record["split"] == .string("val"))
    }
  }

  @Test("A second evaluation answers from the cache, with the same numbers")
  func cached() throws {
    let work = CountingSink()
    let shell = try Shell(progress: work)
    let first = try shell.table("eval twin on sim/gaborium")
    #expect(work.begun == 1)
    #expect(try shell.table("eval twin on sim/gaborium") == first)
    #expect(work.begun == 1, "no forward pass")
    _ = try shell.table("eval twin on sim/gaborium --split all")
    #expect(work.begun == 2, "the train part alone")
  }

  @Test("Predictions made elsewhere are scored, calibrated and looked into without a twin")
  func foreignPredictions() throws {
    let shell = try Shell(opened: false)
    let expected = Fixtures.path("twin/Sim_2025-01-17/expected_fixrsvp.npz")
    try shell.run("open \(expected) as p")
    let archive = try NpzArchive(path: expected)
    let scores = try shell.table("eval p")
    expectClose(try scores.numbers("bits_per_spike"), try archive.doubles("bps"), within: 1e-3)
    let fit = try shell.table("calibrate p --in-sample")
    for (ours, theirs) in zip(try fit.known("nll_calibrated"), try archive.doubles("opt_affine_nll")) {
      #expect(ours <= theirs + 1e-6)
    }
    #expect(fit.rowCount == 16)
    let report = try shell.report("neuron p 3")
    guard case .table(let own)? = report.sections.first?.body else { throw Failure(.mismatch, "no scores") }
    #expect(own.record(0)["bits_per_spike"] == scores.record(3)["bits_per_spike"])
    #expect(own.record(0)["r"] == scores.record(3)["r"])
    let notes = report.sections.compactMap { if case .table(let table) = $0.body { table.note } else { nil } }
    #expect(notes.contains { $0.hasPrefix("gain and offset fitted to all trials") })
    #expect(try shell.failure("eval p on sim/gaborium").kind == .usage)
  }

  @Test("Repeats open as predictions; bins that were not seen do not count")
  func repeats() throws {
    let shell = try Shell(opened: false)
    let path = shell.folder + "/repeats.npz"
    let counts: [Float] = [1, 0, 2, .nan, 0, 1, 3, 1]
    try NpzWriter.write(
      [
        NamedArray("robs", Tensor(shape: [2, 4, 1], values: counts)),
        NamedArray("rhat", Tensor(shape: [2, 4, 1], values: [0.5, 0.5, 1, 1, 0.5, 1, 2, 1])),
      ], to: path)
    try shell.run("open \(path) as p")
    let table = try shell.table("eval p")
    #expect(table["spikes"]?.values == .int([8]))
    #expect(table["rate_hz"]?[0] == .null, "the file does not say its rate")
    #expect(table["reason"]?[0] == .string("bins per second are not known"))
    try shell.run("open \(path) as p --rate 60 --replace")
    let rate = try #require(try shell.table("eval p")["rate_hz"]?.numbers?[0])
    #expect(abs(rate - 8.0 / 7 * 60) <= 1e-9 * rate)
  }

  @Test("A flag of open that means nothing for the file is refused")
  func idleFlags() throws {
    let shell = try Shell(opened: false)
    let twin = "open \(Shell.template)/checkpoints/twin.ckpt as t"
    for (command, flag) in [
      (twin + " --rate 240", "--rate"), (twin + " --cells 1", "--cells"), (twin + " --session S", "--session"),
      ("open \(Shell.template)/recordings/Sim_2025-01-17 as s --prefix net.", "--prefix"),
      ("open \(Shell.template)/recordings/Sim_2025-01-17 as s --model x.yaml", "--model"),
    ] {
      let failure = try shell.failure(command)
      #expect(failure.kind == .usage && failure.message.hasPrefix(flag), "\(command): \(failure.message)")
    }
    #expect(try shell.names().isEmpty)
  }

  @Test("Predictions that can't be right are refused when they are opened")
  func oddPredictions() throws {
    let shell = try Shell(opened: false)
    let path = shell.folder + "/odd.npz"
    let empty = Tensor(shape: [4, 0], values: [])
    try NpzWriter.write([NamedArray("robs", empty), NamedArray("rhat", empty)], to: path)
    #expect(try shell.failure("open \(path) as p").message.contains("no cells"))
    let two = Tensor(shape: [2, 2], values: [0, 1, 1, 0])
    let cids = NamedArray("cid", shape: [2], values: .int64([7, 7]))
    try NpzWriter.write([NamedArray("robs", two), NamedArray("rhat", two), cids], to: path)
    #expect(try shell.failure("open \(path) as p").message.contains("names a cell twice"))
    #expect(try shell.names().isEmpty)
  }

  @Test("Huge counts are added up and scored, not a crash")
  func hugeCounts() throws {
    let shell = try Shell(opened: false)
    let path = shell.folder + "/huge.npz"
    let counts: [Float] = (0..<40).map { $0 % 2 == 0 ? 1e30 : 0 }
    try NpzWriter.write(
      [
        NamedArray("robs", Tensor(shape: [40, 1], values: counts)),
        NamedArray("rhat", Tensor(shape: [40, 1], values: counts.map { $0 / 2 + 1 })),
        NamedArray("rate_hz", shape: [], values: .float64([120])),
      ], to: path)
    try shell.run("open \(path) as p")
    let scores = try shell.table("eval p")
    #expect(abs(try scores.known("spikes")[0] / 2e31 - 1) < 1e-6)
    // Rates are half the counts and 1.
    #expect(abs(try scores.known("r")[0] - 1) < 1e-6)
    for command in ["neurons p", "neuron p 0", "calibrate p", "show p"] { try shell.run(command) }
  }

  @Test(
    "Names that nothing has are found with their place and one suggestion",
    arguments: [
      ("eval twin on sim/gaboriun", "did you mean `sim/gaborium`?"),
      ("eval twin on simm/gaborium", "did you mean `sim`?"),
      ("refit twin readout on sim", "did you mean `sim/fixrsvp` or `sim/gaborium`?"),
      ("eval twni on sim/gaborium", "did you mean `twin`?"), ("neuron twin 99 on sim/gaborium", "its cids are 0-15"),
    ])
  func unknownNames(command: String, hint: String) throws {
    let failure = try Shell().failure(command)
    #expect(failure.kind == .missing)
    #expect(failure.hint == hint)
    #expect(failure.span != nil)
  }

  @Test(
    "Usage errors are found before anything runs",
    arguments: [
      "eval twin on sim/gaborium --split valid", "eval twin --splt val", "evla twin",
      "calibrate twin on sim/gaborium --mode afine",
      "eval twin on sim/gaborium | where bits_per_spik < 0", "neuron twin x on sim/gaborium",
    ])
  func usageErrors(command: String) throws {
    let shell = try Shell(opened: false)
    let failure = try shell.failure(command)
    #expect(failure.kind == .usage)
    #expect(failure.span != nil)
    #expect(try shell.session.workspace.history(limit: 5).isEmpty)
  }

  @Test("A twin without a head for the session says which heads it has")
  func noHead() throws {
    let failure = try Shell().failure("eval twin on nova/backimage")
    #expect(failure.kind == .mismatch)
    #expect(failure.message.contains("Nova_2025-02-03"))
    #expect(failure.hint?.contains("Sim_2025-01-10") == true)
  }

  @Test("One neuron on one screen: the scores of eval, the fit of calibrate, the readout of neurons")
  func neuron() throws {
    let shell = try Shell()
    let report = try shell.report("neuron twin 8 on sim/fixrsvp")
    func table(_ heading: String) throws -> Table {
      let section = try #require(report.sections.first { $0.heading == heading })
      guard case .table(let table) = section.body else { throw Failure(.format, "\(heading) is not a table") }
      return table
    }
    func cell(_ command: String) throws -> Record { try shell.table("\(command) | where cid == 8").record(0) }

    let scores = try table("scores")
    #expect(scores["trials"]?.values == .string(["train", "held-out"]))
    for (row, split) in ["train", "val"].enumerated() {
      let expected = try cell("eval twin on sim/fixrsvp --split \(split)")
      for column in ["spikes", "bits_per_spike", "r"] {
        #expect(scores.record(row)[column]?.number == expected[column]?.number, "\(column) of \(split)")
      }
    }
    let all = try cell("neurons twin on sim/fixrsvp")
    let fit = try table("gain and offset").record(0)
    for column in ["gain", "offset"] { #expect(fit[column]?.number == all[column]?.number, "\(column)") }
    let readout = try table("readout").record(0)
    for column in ["center_y", "center_x", "std_y", "std_x"] {
      #expect(readout[column]?.number != nil && readout[column]?.number == all[column]?.number, "\(column)")
    }
    let weights = try table("feature weights by size")
    let sizes = weights.names.dropFirst().compactMap { weights[$0]?.numbers?.first?.map(abs) }
    #expect(sizes.count == 10 && sizes == sizes.sorted(by: >))
  }

  @Test("Neuron shows its worst stretch below its best, and the average over repeats")
  func neuronFigures() throws {
    let report = try Shell().report("neuron twin 8 on sim/fixrsvp")
    func bits(_ kind: String) throws -> Double {
      let heading = try #require(report.sections.map(\.heading).first { $0.hasPrefix("\(kind) held-out stretch, ") })
      let size = try #require(Double(heading.dropFirst("\(kind) held-out stretch, ".count).prefix { $0 != " " }))
      #expect(size >= 0 && heading.contains(" above ") != heading.contains(" below "), "\(heading)")
      return heading.contains(" below ") ? -size : size
    }
    #expect(try bits("worst") < bits("best"))
    let average = try #require(report.sections.first { $0.heading.hasPrefix("average over") })
    guard case .figure(let figure) = average.body else {
      Issue.record("the average is not a figure")
      return
    }
    #expect(figure.series.map(\.name).starts(with: ["observed", "predicted"]))
  }

  @Test("The table behind neuron has a row for every cell, with the scores of both splits and the readout's place")
  func neurons() throws {
    let shell = try Shell()
    let table = try shell.table("neurons twin on sim/gaborium")
    #expect(try table.known("cid") == (0..<16).map(Double.init))
    #expect(
      try table.numbers("bits_per_spike_train")
        == shell.table("eval twin on sim/gaborium --split train").numbers("bits_per_spike"))
    // `[cell, 2]`: y, x in halves of the feature map, which the adapter places in the image.
    let means = try Checkpoint(path: Shell.template + "/checkpoints/twin.ckpt").tensor("readouts.1.mean").values
    for (column, place) in [("center_y", 0), ("center_x", 1)] {
      let centers = try table.known(column)
      let order = (0..<16).sorted { centers[$0] < centers[$1] }
      #expect(order == (0..<16).sorted { means[$0 * 2 + place] < means[$1 * 2 + place] }, "\(column)")
    }
  }

  @Test("Raw windows run through every stage", arguments: ["ser_legacy", "learned_resnet_none_convgru_gaussian"])
  func forward(name: String) throws {
    let shell = try Shell(opened: false)
    let out = shell.folder + "/out.npz"
    try shell.run(
      "open \(Fixtures.path("zoo/\(name)/model.ckpt")) as m --config \(Fixtures.path("zoo/\(name)/datasets.yaml"))")
    try shell.run("forward m --input \(Fixtures.path("zoo/\(name)/io.npz")) --stages --output \(out)")
    let ours = try NpzArchive(path: out)
    let theirs = try NpzArchive(path: Fixtures.path("zoo/\(name)/io.npz"))
    for stage in ["out", "s_adapter", "s_frontend", "s_convnet", "s_recurrent", "s_readout"] {
      let a = try ours.tensor(stage)
      let b = try theirs.tensor(stage == "out" ? "out_0" : stage)
      #expect(a.shape == b.shape, "\(stage)")
      #expect(zip(a.values, b.values).allSatisfy { abs($0 - $1) <= 1e-5 + 1e-4 * abs($1) }, "\(stage)")
    }
  }
}

/// Counts pieces of long work.
private final class CountingSink: ProgressSink, @unchecked Sendable {
  private(set) var begun = 0
  func begin(_ title: String, total: Int, unit: String) { begun += 1 }
  func advance(to done: Int) {}
  func end() {}
}
