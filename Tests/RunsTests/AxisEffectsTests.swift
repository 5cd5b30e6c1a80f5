import Base
import Formats
import Foundation
import RunLogs
import Runs
import TestSupport
import Testing

/// Sweeps whose truth is known.
@Suite struct AxisEffectsTests {
  private func run(_ name: String, _ score: Double?, state: RunState = .finished, _ settings: [(String, ConfigNode)])
    -> RunSummary
  {
    var run = RunSummary(kind: .lightning, folder: name, files: ["metrics.csv"])
    run.run = name
    run.state = state
    run.best = score
    run.parameters = settings.map { .init($0.0, $0.1) }
    return run
  }

  private let metric = RankingMetric(name: "val_bps")

  private func compared(_ runs: [RunSummary], asked: Set<String> = []) throws -> ComparedRuns {
    try ComparedRuns(runs, metric: metric, asked: asked, score: { $0.best })
  }

  /// Two norms, two rates and `seeds` seeds: norm adds 0.1, rate 0.3, both together 0.2 more.
  private func grid(seeds: Int, noise: (Int) -> Double) -> [RunSummary] {
    var runs: [RunSummary] = []
    for (n, norm) in ["grn", "rms"].enumerated() {
      for (l, lr) in [1e-3, 1e-2].enumerated() {
        for seed in 0..<seeds {
          let truth = 0.1 * Double(n) + 0.3 * Double(l) + 0.2 * Double(n * l)
          runs.append(
            run(
              "\(norm)-\(lr)-\(seed)", truth + noise(runs.count),
              [
                ("norm", .string(norm)), ("lr", .double(lr)), ("seed", .int(seed)),
                ("model_cfg", .string("/lab/models/\(norm)_x.yaml")),
              ]))
        }
      }
    }
    return runs
  }

  @Test("Effects of a whole grid are paired differences, and an interaction is the difference of two effects")
  func wholeGrid() throws {
    let effects = try AxisEffects(compared(grid(seeds: 3) { _ in 0 }), interactions: true)
    let norm = try #require(effects.rows.first { $0.axis == "norm" })
    #expect(norm.level == "rms" && norm.against == "grn" && norm.comparison == .paired && norm.count == 6)
    #expect(abs((norm.effect ?? 0) - 0.2) < 1e-12)
    let lr = try #require(effects.rows.first { $0.axis == "lr" })
    #expect(lr.against == "0.001" && abs((lr.effect ?? 0) - 0.4) < 1e-12)
    let both = try #require(effects.rows.first { $0.axis == "norm:lr" })
    #expect(abs((both.effect ?? 0) - 0.2) < 1e-12 && both.count == 3)
    #expect(effects.remarks.contains { $0.hasPrefix("model_cfg") })
    #expect(!effects.rows.contains { $0.axis == "model_cfg" })
  }

  @Test("95 % intervals of paired, unpaired and interaction effects hold the truth in 92 to 98 % of simulated sweeps")
  func coverage() throws {
    var generator = NumpyGenerator(seed: 7)
    func normal() -> Double {
      (-2 * log(max(generator.unit(), 1e-300))).squareRoot() * cos(2 * .pi * generator.unit())
    }
    var held: [String: Int] = [:]
    let count = 600
    for _ in 0..<count {
      // Without the interaction, so that every pair has the same truth.
      let runs = grid(seeds: 3) { _ in 0.2 * normal() }.map { run in
        var run = run
        if run.run.hasPrefix("rms-0.01") { run.best = run.best.map { $0 - 0.2 } }
        return run
      }
      let effects = try AxisEffects(compared(runs), axes: ["norm", "lr"], interactions: true)
      for (axis, truth) in [("norm", 0.1), ("lr", 0.3), ("norm:lr", 0.0)] {
        let row = try #require(effects.rows.first { $0.axis == axis })
        if let lower = row.lower, let upper = row.upper, lower <= truth, truth <= upper { held[axis, default: 0] += 1 }
      }
      // Every run has a rate of its own: nothing can be paired.
      let apart = runs.enumerated().map { place, run in
        var run = run
        run.parameters = [
          .init("norm", .string(place < 6 ? "grn" : "rms")), .init("wd", .double(1e-3 + Double(place) * 1e-5)),
        ]
        run.best = (place < 6 ? 0 : 0.1) + 0.2 * normal()
        return run
      }
      let row = try #require(AxisEffects(compared(apart), axes: ["norm"]).rows.first)
      #expect(row.comparison == .unpaired && row.count == 12)
      if let lower = row.lower, let upper = row.upper, lower <= 0.1, 0.1 <= upper { held["unpaired", default: 0] += 1 }
    }
    for axis in ["norm", "lr", "norm:lr", "unpaired"] {
      let share = Double(held[axis] ?? 0) / Double(count)
      #expect(share > 0.92 && share < 0.98, "\(axis): \(share)")
    }
  }

  @Test("Shares of settings, seed and rest add up to 1: sums of squares of a grid, also with runs missing")
  func shares() throws {
    // Two seeds, 0.1 apart at every point of the grid.
    let runs = grid(seeds: 2) { $0 % 2 == 0 ? 0 : 0.1 }
    let effects = try AxisEffects(compared(runs))
    func row(_ axis: String, _ effects: AxisEffects) throws -> AxisEffects.Row {
      try #require(effects.rows.first { $0.axis == axis })
    }
    let scores = runs.compactMap(\.best)
    let mean = scores.reduce(0, +) / 8
    let total = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    // Effects of 0.4, 0.2 and, of the interaction, 0.2 between two differences of four runs each; four pairs of seeds.
    for (axis, squares, freedom) in [
      ("lr", 8 * 0.04, 1.0), ("norm", 8 * 0.01, 1), ("seed", 4 * 0.005, 4), (AxisEffects.rest, 8 * 0.0025, 1),
    ] {
      let found = try row(axis, effects)
      #expect(abs((found.share ?? 0) - squares / total) < 1e-9, "\(axis)")
      #expect(abs((found.byChance ?? 0) - freedom / 7) < 1e-9, "\(axis)")
    }
    #expect(try row("seed", effects).count == 4)
    for missing in 0..<8 {
      let some = try AxisEffects(compared(runs.enumerated().filter { $0.offset != missing }.map(\.element)))
      let sum = try ["lr", "norm", "seed", AxisEffects.rest].reduce(0) { try $0 + (row($1, some).share ?? 0) }
      #expect(abs(sum - 1) < 1e-9)
    }
    let one = try AxisEffects(compared(runs), axes: ["norm"])
    let sum = try ["norm", "seed", AxisEffects.rest].reduce(0) { try $0 + (row($1, one).share ?? 0) }
    #expect(abs(sum - 1) < 1e-9)
    #expect(abs(try (row(AxisEffects.rest, one).share ?? 0) - 8 * 0.0425 / total) < 1e-9)
  }

  @Test("Scores of nothing but chance give each share its expected value on average") func chance() throws {
    var generator = NumpyGenerator(seed: 11)
    var sums: [String: (share: Double, chance: Double)] = [:]
    for _ in 0..<400 {
      let runs = grid(seeds: 2) { _ in 0 }.map { run in
        var run = run
        run.best = generator.unit()
        return run
      }
      for row in try AxisEffects(compared(runs)).rows {
        sums[row.axis, default: (0, 0)].share += (row.share ?? 0) / 400
        sums[row.axis, default: (0, 0)].chance += (row.byChance ?? 0) / 400
      }
    }
    #expect(sums.count == 4)
    // Each share scatters by at most 0.2: a mean of 400 by 0.01.
    for (axis, sum) in sums { #expect(abs(sum.share - sum.chance) < 0.04, "\(axis)") }
  }

  @Test("Runs of different data are compared apart, unless the setting of the data is asked for") func data() throws {
    let runs = grid(seeds: 2) { _ in 0 }.flatMap { run in
      ["a", "b"].map { data in
        var copy = run
        copy.run += data
        copy.parameters.append(.init("dataset_configs_path", .string(data)))
        copy.best = run.best.map { $0 + (data == "b" ? 1 : 0) }
        return copy
      }
    }
    let apart = try AxisEffects(compared(runs), axes: ["norm"])
    #expect(
      apart.rows.filter { $0.axis == "norm" }.map(\.data) == ["dataset_configs_path=a", "dataset_configs_path=b"])
    #expect(apart.rows.filter { $0.axis == "norm" }.allSatisfy { $0.count == 4 })
    let asked = try AxisEffects(compared(runs, asked: ["dataset_configs_path"]), axes: ["dataset_configs_path"])
    #expect(asked.rows.first?.data == "" && abs((asked.rows.first?.effect ?? 0) - 1) < 1e-12)
  }

  @Test("VisionCore's `cfg_dir` names the data: runs that differ in it are never mixed") func visionCoreData() throws {
    let runs = (0..<8).map { index in
      let data = index < 4 ? "gaborium" : "backimage"
      return run(
        "r\(index)", Double(index),
        [
          ("cfg_dir", .string("/lab/data/\(data).yaml")), ("norm", .string(index % 2 == 0 ? "grn" : "rms")),
          ("seed", .int(index / 2 % 2)),
        ])
    }
    let rows = try AxisEffects(compared(runs), axes: ["norm"]).rows.filter { $0.axis == "norm" }
    #expect(rows.map(\.data) == ["cfg_dir=/lab/data/backimage.yaml", "cfg_dir=/lab/data/gaborium.yaml"])
  }

  @Test("Runs that differ in another setting wherever they differ in the axis are no pairs") func confounded() throws {
    let runs = (0..<8).map { index in
      let level = index / 4
      return run(
        "r\(index)", Double(level),
        [
          ("lr", .double(level == 0 ? 0.01 : 0.1)), ("norm", .string(level == 0 ? "grn" : "rms")),
          ("seed", .int(index % 4)),
        ])
    }
    let row = try #require(AxisEffects(compared(runs), axes: ["lr"]).rows.first { $0.axis == "lr" })
    #expect(row.comparison == .unpaired && row.count == 8)
  }

  @Test("Failed, unfinished, diverged and doubled runs are left out by name") func leftOut() throws {
    var runs = grid(seeds: 2) { Double($0) }
    runs[0].state = .failed
    runs[1].state = .running
    runs[2].best = nil
    var twice = runs[4]
    twice.run = "copy"
    runs.append(twice)
    let compared = try ComparedRuns(
      runs, metric: metric, isDiverged: { $0.run == "rms-0.01-1" }, score: { $0.best })
    #expect(compared.entries.count == 4)
    for part in [
      "grn-0.001-0: failed", "grn-0.001-1: not finished", "grn-0.01-0: no val_bps", "copy: the same",
      "rms-0.01-1: diverged",
    ] {
      #expect(compared.remarks.contains { $0.hasPrefix("left out: " + part) }, "\(part) in \(compared.remarks)")
    }
  }

  @Test("A number with many values is split at its median; an axis that no run has is an error with what varies")
  func manyValues() throws {
    let runs = (0..<10).map { run("r\($0)", Double($0), [("wd", .double(Double($0 + 1)))]) }
    let row = try #require(AxisEffects(compared(runs)).rows.first)
    #expect(row.level == "above 5" && row.against == "up to 5" && row.comparison == .unpaired)
    #expect(abs((row.effect ?? 0) - 5) < 1e-12)
    #expect(throws: Failure.self) { try AxisEffects(compared(runs), axes: ["lr"]) }
  }

  @Test("The seed as an axis is refused by what it is, a setting without a second level as the same in all runs")
  func refusedAxes() throws {
    let runs = (0..<8).map { number in
      run(
        "r\(number)", Double(number),
        [("seed", .int(number % 2)), ("lr", .double(number < 4 ? 0.1 : 0.01)), ("wd", .double(1))])
    }
    let compared = try compared(runs)
    for (axis, words) in [("seed", "row of its own"), ("wd", "same in all runs"), ("norm", "no run has")] {
      let failure = #expect(throws: Failure.self) { try AxisEffects(compared, axes: [axis]) }
      #expect(failure?.message.contains(words) ?? false, "\(failure?.message ?? "")")
    }
  }
}
