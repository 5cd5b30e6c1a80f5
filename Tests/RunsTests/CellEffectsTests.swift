import Base
import Formats
import Foundation
import RunLogs
import Runs
import TestSupport
import Testing

/// Runs whose cells were scored one by one, and runs of several sets.
@Suite struct CellEffectsTests {
  private func run(_ name: String, _ settings: [(String, ConfigNode)]) -> RunSummary {
    var run = RunSummary(kind: .lightning, folder: name, files: ["metrics.csv"])
    run.run = name
    run.state = .finished
    run.parameters = settings.map { .init($0.0, $0.1) }
    return run
  }

  private let metric = RankingMetric(name: "bits_per_spike")

  private var runs: [RunSummary] {
    ["grn", "rms"].flatMap { norm in
      (0..<3).map { run("\(norm)-\($0)", [("norm", .string(norm)), ("seed", .int($0))]) }
    }
  }

  /// Cell `c` scores c in every run, and 0.1 more with rms.
  private func scores(_ ground: CellScoredRuns.Ground, cells: Int = 20, noise: () -> Double = { 0 })
    -> [CellScoredRuns.Score]
  {
    runs.flatMap { run in
      (0..<cells).map { cell in
        .init(
          run: run.run, ground: ground, cell: "A \(cell)",
          value: Double(cell) + (run.run.hasPrefix("rms") ? 0.1 : 0) + noise())
      }
    }
  }

  private let ground = CellScoredRuns.Ground(stimulus: "gaborium", split: "val", variant: "raw")

  @Test("Cells are paired with themselves: what differs between cells drops out of an effect") func paired() throws {
    let effects = try AxisEffects(CellScoredRuns.compared(scores(ground), runs, metric: metric))
    let row = try #require(effects.rows.first { $0.axis == "norm" })
    #expect(row.cells == 20 && row.count == 3 && row.comparison == .paired && row.data == "gaborium val, raw")
    #expect(abs((row.effect ?? 0) - 0.1) < 1e-9)
    // Cells scatter by 6, their differences not at all.
    #expect((row.upper ?? 1) - (row.lower ?? 0) < 1e-6)
  }

  @Test("Intervals of cells hold the truth in 93 % of simulated sweeps or more, with runs that scatter, too")
  func coverage() throws {
    var generator = NumpyGenerator(seed: 5)
    func normal() -> Double {
      (-2 * log(max(generator.unit(), 1e-300))).squareRoot() * cos(2 * .pi * generator.unit())
    }
    var held = 0
    for _ in 0..<100 {
      let ofRun = Dictionary(uniqueKeysWithValues: runs.map { ($0.run, 0.05 * normal()) })
      let noisy = scores(ground) { 0.1 * normal() }.map { score in
        var score = score
        score.value = score.value.map { $0 + (ofRun[score.run] ?? 0) }
        return score
      }
      let effects = try AxisEffects(CellScoredRuns.compared(noisy, runs, metric: metric))
      let row = try #require(effects.rows.first { $0.axis == "norm" })
      if let lower = row.lower, let upper = row.upper, lower <= 0.1, 0.1 <= upper { held += 1 }
    }
    #expect(held >= 93)
  }

  @Test("Stimuli, splits and variants are compared apart, on the cells that all runs have; the rest is named")
  func grounds() throws {
    let other = CellScoredRuns.Ground(stimulus: "gaborium", split: "all", variant: "raw")
    let lonely = CellScoredRuns.Ground(stimulus: "fixrsvp", split: "val", variant: "raw")
    var all = scores(ground) + scores(other, cells: 15)
    all.removeAll { $0.ground == other && $0.run == "grn-0" && $0.cell == "A 3" }
    all.append(.init(run: "grn-0", ground: lonely, cell: "A 1", value: 1))
    let extra = run("extra", [("norm", .string("grn")), ("seed", .int(9))])
    let effects = try AxisEffects(CellScoredRuns.compared(all, runs + [extra], metric: metric))
    let rows = effects.rows.filter { $0.axis == "norm" }
    #expect(rows.map(\.data) == ["gaborium all, raw", "gaborium val, raw"] && rows.map(\.cells) == [14, 20])
    for part in [
      "gaborium all, raw: 1 of 15 cells left out", "fixrsvp val, raw: only one run", "extra: not evaluated",
      "runs of different data are compared apart",
    ] {
      #expect(effects.remarks.contains { $0.hasPrefix(part) }, "\(part) in \(effects.remarks)")
    }
    #expect(throws: Failure.self) {
      try CellScoredRuns.compared([.init(run: "grn-0", ground: lonely, cell: "A 1", value: 1)], runs, metric: metric)
    }
  }

  @Test("Runs of several sets are ranked where metric and data are the same, and never across") func ranking() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func write(_ name: String, _ best: Double, _ metric: String = "val_bps", settings: String) throws {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
      try Data("epoch,step,\(metric)\n0,9,\(best)\n1,19,\(best - 1)\n".utf8)
        .write(to: URL(filePath: "\(folder)/\(name)/metrics.csv"))
      try Data(settings.utf8).write(to: URL(filePath: "\(folder)/\(name)/hparams.yaml"))
    }
    try write("a/x", 0.3, settings: "dataset: one\nlr: 1\n")
    try write("a/y", 0.1, settings: "dataset: two\nlr: 1\n")
    try write("b/x", 0.4, settings: "dataset: one\nlr: 2\n")
    try write("b/z", 2, "val_loss", settings: "dataset: one\nlr: 3\n")
    try write("c/u", 0.5, settings: "lr: 4\n")
    let sets = try ["a", "b", "c"].map { name in
      (name: name, runs: try RunSet(root: "\(folder)/\(name)", now: Date().timeIntervalSince1970))
    }
    let ranking = try RunRanking(sets + [sets[0]])
    func told(_ rows: [RunRanking.Row]) -> [String] {
      rows.map { "\($0.data) \($0.metric.name) \($0.rank) \($0.set)/\($0.run.run) \($0.value)" }
    }
    #expect(
      told(ranking.rows) == [
        "dataset=one val_bps 1 b/x 0.4", "dataset=one val_bps 2 a/x 0.3", "dataset=one val_loss 1 b/z 1.0",
        "dataset=two val_bps 1 a/y 0.1", "runs of c val_bps 1 c/u 0.5",
      ])
    let loss = try RunRanking(sets, metric: RunRanking.metric(named: "val_loss"))
    #expect(told(loss.rows) == ["dataset=one val_loss 1 b/z 1.0"])
    try write("d/v", 0.5, settings: "lr: 5\n")
    try write("d/w", 0.6, settings: "lr: 6\n")
    let unnamed = try RunRanking([
      (name: "d", runs: try RunSet(root: "\(folder)/d", now: Date().timeIntervalSince1970))
    ])
    #expect(unnamed.remarks.contains { $0.hasPrefix("the settings of 2 runs of d do not name their data") })
    #expect(loss.remarks.contains { $0.contains("left out: no val_loss") })
  }
}
