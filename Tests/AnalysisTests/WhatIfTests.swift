import Analysis
import Base
import Metrics
import Testing

@Suite("What an edit does: rows and sentences")
struct WhatIfTests {
  /// Sums of a cell whose rates are `scale` times its mean count, with a modulation that follows the counts.
  private func sums(scale: Float, following: Float, seed: UInt32) -> MaskedSums {
    var random = MersenneTwister(seed: seed)
    var sums = MaskedSums()
    for _ in 0..<400 {
      let drive = Float(random.normal())
      let mean = max(0.05, 0.5 + 0.3 * drive)
      let count: Float = Float(random.normal()) * 0.5 + mean > 0.6 ? 1 : 0
      sums.add(rate: scale * max(0.02, 0.5 + following * drive), count: count, mask: 1)
    }
    return sums
  }

  private func stimulus(_ trained: Bool, control: (Float, Float), edited: [(Float, Float)]) -> WhatIfResult.Stimulus {
    func arm(_ setting: (Float, Float)) -> ArmScores {
      let cells = (0..<16).map { sums(scale: setting.0, following: setting.1, seed: UInt32($0)) }
      return ArmScores(start: cells, ends: [cells])
    }
    return WhatIfResult.Stimulus(
      name: trained ? "backimage" : "gaborium", wasTrained: trained,
      sessions: (0..<16).map { $0 < 8 ? "Ada_1" : "Bob_1" }, cids: Array(0..<16),
      meanCounts: (0..<16).map { Double($0 + 1) },
      arms: [arm(control)] + edited.map(arm))
  }

  @Test("Rows are paired differences of all cells, quarters and subjects, and the sentence says which side they lie on")
  func rows() throws {
    let result = WhatIfResult(
      arms: ["better", "same"],
      stimuli: [
        stimulus(true, control: (1, 0.02), edited: [(1, 0.2), (1, 0.02)]),
        stimulus(false, control: (2, 0.3), edited: [(1, 0.3), (2, 0.3)]),
      ],
      structure: [.init(measure: "mean_ms", start: 30, ends: [30, 40, 30])])
    let rows = result.rows
    // 2 arms, 2 stimuli, 3 scores, all + 4 quarters + 2 subjects; 1 number of the kernels for each arm.
    #expect(rows.count == 2 * 2 * 3 * 7 + 2)
    let row = try #require(
      rows.first { $0.arm == "better" && $0.role == "trained" && $0.group == "all" && $0.metric == "bits_per_spike" })
    #expect(row.cells == 16)
    #expect((1...4).allSatisfy { quarter in rows.contains { $0.group == "quarter \(quarter)" } })
    let (control, edited) = (try #require(row.control), try #require(row.edited))
    #expect(abs(try #require(row.difference) - (edited - control)) < 1e-12)
    #expect(try #require(row.interval).lower > 0)
    #expect(try #require(row.p) < 0.01)
    let gain = try #require(
      rows.first { $0.arm == "better" && $0.role == "withheld" && $0.group == "all" && $0.metric == "gain_error" })
    #expect(try #require(gain.difference) < 0)
    let kernels = try #require(rows.last { $0.arm == "better" })
    #expect(kernels.role == "structure" && kernels.difference == 10)
    let same = rows.filter { $0.arm == "same" && $0.role != "structure" }
    #expect(same.allSatisfy { $0.difference == 0 })
    let sentences = WhatIfVerdict.sentences(rows)
    #expect(sentences.count == 2)
    #expect(sentences[0].contains("on held-out backimage it gains"))
    #expect(sentences[0].hasSuffix("these are single trainings: `--seeds 3` tells how much is chance"))
    #expect(!sentences[1].contains("single trainings"))
    #expect(sentences[1].contains("on held-out backimage no difference is shown"))
  }

  @Test("By cell: both arms' means over the seeds, and nothing where a seed has no score")
  func byCell() throws {
    let ends = (0..<2).map { seed in (0..<3).map { sums(scale: 1, following: 0.1, seed: UInt32(10 * seed + $0)) } }
    var edited = (0..<2).map { seed in (0..<3).map { sums(scale: 2, following: 0.1, seed: UInt32(10 * seed + $0)) } }
    edited[1][2] = MaskedSums()
    let stimulus = WhatIfResult.Stimulus(
      name: "backimage", wasTrained: true, sessions: ["Ada_1", "Ada_1", "Bob_1"], cids: [4, 7, 4],
      meanCounts: [1, nil, 2],
      arms: [ArmScores(start: ends[0], ends: ends), ArmScores(start: ends[0], ends: edited)])
    let result = WhatIfResult(arms: ["scaled"], stimuli: [stimulus], structure: [])
    let rows = CellDifference.rows(result)
    #expect(rows.count == 3 * ArmScores.Kind.allCases.count)
    let gains = rows.filter { $0.metric == "gain_error" }
    #expect(gains.map(\.cid) == [4, 7, 4] && gains.map(\.session) == ["Ada_1", "Ada_1", "Bob_1"])
    #expect(gains.map(\.meanCount) == [1, nil, 2])
    let (theirs, ours) = (stimulus.arms[0].scores(.gainError), stimulus.arms[1].scores(.gainError))
    for cell in 0..<2 {
      let differences = try (0..<2).map { try #require(ours[$0][cell]) - #require(theirs[$0][cell]) }
      #expect(abs(try #require(gains[cell].difference) - (differences[0] + differences[1]) / 2) < 1e-12)
      let spread = abs(differences[0] - differences[1]) / 2.0.squareRoot()
      #expect(abs(try #require(gains[cell].seedSpread) - spread) < 1e-12)
    }
    #expect(gains[2].difference == nil && gains[2].start != nil)
  }

  @Test("The noise of a training, which all cells share, is an effect in no more than 6 of 40 simulated experiments")
  func sharedNoise() throws {
    var random = MersenneTwister(seed: 11)
    func cells(_ following: Float) -> [MaskedSums] {
      (0..<8).map { sums(scale: 1, following: following, seed: UInt32($0)) }
    }
    let control = ArmScores(start: cells(0.1), ends: Array(repeating: cells(0.1), count: 3))
    var (small, overCells) = (0, 0)
    for _ in 0..<40 {
      let edited = ArmScores(
        start: cells(0.1), ends: (0..<3).map { _ in cells(0.1 + 0.03 * Float(random.normal())) })
      let stimulus = WhatIfResult.Stimulus(
        name: "backimage", wasTrained: true, sessions: Array(repeating: "Ada_1", count: 8),
        cids: Array(0..<8), meanCounts: Array(repeating: 1, count: 8), arms: [control, edited])
      let rows = WhatIfResult(arms: ["same"], stimuli: [stimulus], structure: []).rows
      let row = try #require(rows.first { $0.group == "all" && $0.metric == "bits_per_spike" })
      if try #require(row.p) < 0.05 { small += 1 }
      let (ours, theirs) = (edited.scores(.bitsPerSpike), control.scores(.bitsPerSpike))
      let means = (0..<8).map { cell in
        Moments.mean((0..<3).map { seed in (ours[seed][cell] ?? 0) - (theirs[seed][cell] ?? 0) })
      }
      if let p = WilcoxonSignedRank(means)?.p, p < 0.05 { overCells += 1 }
    }
    #expect(small <= 6 && overCells > 12, "\(small), over cells alone \(overCells)")
  }

  @Test("q values are those of all rows together")
  func adjusted() {
    let result = WhatIfResult(
      arms: ["better"], stimuli: [stimulus(true, control: (1, 0.02), edited: [(1, 0.2)])], structure: [])
    let rows = result.rows
    let expected = FalseDiscovery.adjusted(rows.map(\.p))
    #expect(rows.map(\.q) == expected && rows.contains { $0.q != nil })
  }

  private func traded(_ measure: TradeOff.Measure) throws -> TradeOff {
    // The first arm scores better with worse kernels, the second worse with better kernels, the third is beaten by the control.
    let settings: [(Float, Float)] = [(1, 0.25), (1, 0.05), (1, 0.05)]
    return try TradeOff(
      WhatIfResult(
        arms: ["sharp", "late", "beaten"],
        stimuli: [
          stimulus(true, control: (1, 0.1), edited: settings),
          stimulus(false, control: (2, 0.3), edited: [(1, 0.3), (4, 0.3), (8, 0.3)]),
        ],
        structure: [
          .init(measure: "high_pass", start: 0.5, ends: [0.5, 0.4, 0.9, 0.3]),
          .init(measure: "weight_lag0", start: 0.1, ends: [0.1, 0.2, 0.05, 0.3]),
          .init(measure: "mean_ms", start: 10, ends: [10, 9, nil, 8]),
        ]), against: measure)
  }

  @Test("A trade-off sets scores of all arms against one number, and marks what no other arm beats")
  func tradeOff() throws {
    for measure in [TradeOff.Measure.highPass, .weightAtLag0] {
      let tradeOff = try traded(measure)
      #expect(tradeOff.points.map(\.arm) == ["control", "sharp", "late", "beaten"])
      #expect(tradeOff.points.map(\.isOnFront) == [true, true, true, false], "\(measure)")
      let control = tradeOff.points[0]
      #expect(control.difference == 0 && control.lower == nil)
      for point in tradeOff.points { #expect(abs(point.difference - (point.score - control.score)) < 1e-12) }
      #expect(try #require(tradeOff.points[1].lower) > 0)
      #expect(tradeOff.note.hasSuffix("control, sharp, late"))
    }
    // Each doubling of rates that are too high adds 1; the arm that is best in both beats all.
    let gain = try traded(.gainError)
    for (point, doublings) in zip(gain.points, [1.0, 0, 2, 3]) {
      #expect(abs(point.structure - gain.points[1].structure - doublings) < 0.1)
    }
    #expect(gain.points.map(\.isOnFront) == [false, true, false, false])
    #expect(throws: Failure.self) { try traded(.meanMs) }
  }

  @Test("The figure's line joins the front in the order of the structure, and the control is marked")
  func tradeOffFigure() throws {
    let figure = try traded(.highPass).figure
    let line = try #require(figure.series.first { $0.style == .line })
    #expect(line.x == [0.4, 0.5, 0.9])
    #expect(zip(line.y, line.y.dropFirst()).allSatisfy { $0 > $1 })
    #expect(figure.note?.hasSuffix("sharp, control, late") == true)
    let points = figure.series.filter { $0.style == .points }
    #expect(points.first { $0.name == "control" }?.x == [0.5])
    #expect(points.first { $0.name == "not on the front" }?.x == [0.3])
  }
}
