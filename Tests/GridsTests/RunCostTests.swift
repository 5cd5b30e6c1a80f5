import Base
import Formats
import Foundation
import Grids
import Runs
import TestSupport
import Testing

@Suite("What is known of a grid's runs")
struct RunCostTests {
  private func known(
    _ settings: [(String, Value)], hours: Double?, epochs: Int? = nil, state: String = "finished"
  ) -> KnownRun {
    var run = RunSummary(kind: .lightning, folder: "x", files: [])
    run.run = "x\(settings.map { $0.1.plainText })"
    run.parameters = settings.map { .init($0.0, $0.1.node) }
    run.state = .init(rawValue: state) ?? .unknown
    (run.hours, run.epochs) = (hours, epochs)
    return KnownRun(run, set: "old")
  }

  @Test("A log with every axis at the run's value and no other setting may be the same run")
  func matching() throws {
    let grid = try GridTests.grid(["convnet.params.block_configs.0.norm_type=grn,rms", "learning_rate=0.1"], seeds: 1)
    func done(_ settings: [(String, Value)]) throws -> [Bool] {
      try GridOutlook(grid, known: [known(settings, hours: 1)]).rows.map { row in
        #expect(row.same == nil)
        return row.similar != nil
      }
    }
    let lr = ("lr", Value.double(0.1))
    #expect(try done([("norm", .string("rms")), lr, ("seed", .int(0))]) == [false, true])
    // The seed, or an axis, is not recorded.
    #expect(try done([("norm", .string("rms")), lr]) == [false, false])
    #expect(try done([("norm", .string("rms")), lr, ("seed", .int(0)), ("max_epochs", .int(99))]) == [false, false])
    #expect(try done([("norm", .string("rms")), lr, ("seed", .int(0)), ("max_epochs", .int(10))]) == [false, true])
  }

  @Test("A log is the same run where the YAML files that it names hold the same, and another one where they do not")
  func files() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func path(_ name: String) -> String { "\(folder)/\(name).yaml" }
    for (name, text) in [
      ("model", "model_type: v1multi\nconvnet: {params: {channels: [16]}}\n"),
      ("same", "# as it was\nconvnet: {params: {channels: [16]}}\nmodel_type: v1multi\n"),
      ("other", "model_type: v1multi\nconvnet: {params: {channels: [8]}}\n"),
      ("data", "sessions: [A]\nsession_dir: s\n"), ("other_data", "sessions: [A, B]\nsession_dir: s\n"),
    ] {
      try text.write(toFile: path(name), atomically: true, encoding: .utf8)
    }
    let base = try GridBase(path: path("model"), data: path("data"), readsSessions: false)
    var maker = AxisMaker(try base.configuration) { _ in [:] }
    let grid = try Grid(base: base, axes: maker.axes(["learning_rate=0.1"], seeds: nil))
    func row(_ model: String, _ data: String) throws -> GridOutlook.Row? {
      let run = known(
        [("lr", .double(0.1)), ("model_cfg", .string(path(model))), ("cfg_dir", .string(path(data)))], hours: 1)
      return try GridOutlook(grid, known: [run]).rows.first
    }
    #expect(try row("same", "data")?.same != nil)
    for (model, data) in [("other", "data"), ("same", "other_data"), ("other", "gone")] {
      let found = try row(model, data)
      #expect(found?.same == nil && found?.similar == nil, "\(model), \(data)")
    }
    let unknown = try row("gone", "data")
    #expect(unknown?.same == nil && unknown?.similar != nil)
  }

  @Test("Hours come from the runs that are most alike, scaled to the planned epochs")
  func hours() throws {
    let grid = try GridTests.grid(["learning_rate=0.1,0.2"])
    let runs = [
      known([("lr", .double(0.1))], hours: 2, epochs: 5), known([("lr", .double(0.1))], hours: 8, epochs: 10),
      known([("lr", .double(0.1))], hours: 4, epochs: 10), known([("lr", .double(0.2))], hours: 100, epochs: 10),
      known([("lr", .double(0.1))], hours: 50, epochs: 10, state: "failed"),
    ]
    let rows = try GridOutlook(grid, known: runs).rows
    // 4, 8 and 4 hours for 10 epochs: the geometric mean.
    #expect(abs((rows[0].cost.hours ?? 0) - pow(128, 1.0 / 3)) < 1e-9)
    #expect(rows[0].cost.basis == "3 runs with all settings")
    // Student's t of 2 degrees of freedom at 5 % on either side, times the deviation of the logarithms, log(2) / sqrt(3),
    // times sqrt(1 + 1/3).
    let half = 0.9 * (2 / 0.19).squareRoot() * log(2.0) * 2 / 3
    let middle = log(128.0) / 3
    #expect(try abs(#require(rows[0].cost.low) - exp(middle - half)) < 1e-6)
    #expect(try abs(#require(rows[0].cost.high) - exp(middle + half)) < 1e-6)
    // One alike is too few: the others come in.
    #expect(rows[1].cost.basis == "4 runs with 0 to 1 of 1 settings")
    #expect(abs((rows[1].cost.hours ?? 0) - pow(12_800, 0.25)) < 1e-9)
    let none = try GridOutlook(grid, known: []).rows[0].cost
    #expect(none.hours == nil && none.basis == "no run is known")
  }

  @Test("A grid's jobs that are done tell the cost of its other runs by what they have in common")
  func jobs() throws {
    let grid = try GridTests.grid(["convnet.params.block_configs.0.norm_type=grn,rms", "learning_rate=0.1,0.2,0.3"])
    let base = try grid.base.configuration
    // Those of the first two learning rates: grn takes 1 hour, rms 4.
    let known = try grid.runs.compactMap { run -> KnownRun? in
      let levels = try grid.levels(of: run)
      guard levels["learning_rate"] != "0.3" else { return nil }
      return KnownRun(
        job: "b/\(run.name)", hours: levels["convnet.params.block_configs.0.norm_type"] == "grn" ? 1 : 4,
        digest: try grid.configuration(of: run, base: base).digest, levels: levels)
    }
    #expect(known.count == 4)
    let outlook = try GridOutlook(grid, known: known)
    for (run, row) in zip(grid.runs, outlook.rows) {
      let levels = try grid.levels(of: run)
      #expect((row.same == nil) == (levels["learning_rate"] == "0.3"))
      guard row.same == nil else { continue }
      // Two agree on the norm, which is too few: all four come in.
      #expect(row.cost.basis == "4 runs with 0 to 1 of 2 settings")
      #expect(abs((row.cost.hours ?? 0) - 2) < 1e-12)
    }
    // A third one that agrees makes three.
    let more =
      try known
      + grid.runs.compactMap { run -> KnownRun? in
        let levels = try grid.levels(of: run)
        guard levels["learning_rate"] == "0.1" else { return nil }
        return KnownRun(
          job: "c/\(run.name)", hours: levels["convnet.params.block_configs.0.norm_type"] == "grn" ? 1 : 4,
          digest: try grid.configuration(of: run, base: base).digest, levels: levels)
      }
    let last = try GridOutlook(grid, known: more).rows.last
    #expect(last?.cost.basis == "3 runs with 1 of 2 settings")
    #expect(abs((last?.cost.hours ?? 0) - 4) < 1e-12)
  }

  @Test("A run of another experiment, which records no axis, tells nothing about the cost")
  func unrelated() throws {
    let grid = try GridTests.grid(["learning_rate=0.1", "convnet.params.block_configs.0.norm_type=grn"])
    let other = (0..<5).map { known([("alpha", .double(Double($0)))], hours: 1000) }
    let alike = (1...3).map { hours in
      known([("lr", .double(0.1)), ("norm", .string("rms"))], hours: Double(hours), epochs: 10)
    }
    let cost = try GridOutlook(grid, known: other + alike).rows[0].cost
    #expect(cost.basis == "3 runs with 1 of 2 settings")
    #expect(abs((cost.hours ?? 0) - pow(6, 1.0 / 3)) < 1e-9)
    let none = try GridOutlook(grid, known: other).rows[0].cost
    #expect(none.hours == nil && none.basis == "no known run with its hours records these settings")
  }

  @Test("The interval holds the next run in about 90 of 100 cases")
  func coverage() throws {
    let grid = try GridTests.grid(["learning_rate=0.1"])
    var generator = MersenneTwister(seed: 4)
    var inside = 0
    for _ in 0..<1000 {
      var runs: [KnownRun] = []
      for _ in 0..<4 {
        runs.append(known([("lr", .double(0.1))], hours: exp(2 + 0.3 * generator.normal()), epochs: 10))
      }
      let cost = try GridOutlook(grid, known: runs).rows[0].cost
      let next = exp(2 + 0.3 * generator.normal())
      if let low = cost.low, let high = cost.high, low <= next, next <= high { inside += 1 }
    }
    // Four standard errors about 900.
    #expect((862...938).contains(inside), "\(inside)")
  }
}

extension Value {
  fileprivate var node: ConfigNode {
    switch self {
    case .int(let value): .int(value)
    case .double(let value): .double(value)
    default: .string(plainText)
    }
  }
}
