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
      sessions: (0..<16).map { $0 < 8 ? "Ada_1" : "Bob_1" }, meanCounts: (0..<16).map { Double($0 + 1) },
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
    #expect(sentences[1].contains("on held-out backimage no difference is shown"))
  }

  @Test("q values are those of all rows together")
  func adjusted() {
    let result = WhatIfResult(
      arms: ["better"], stimuli: [stimulus(true, control: (1, 0.02), edited: [(1, 0.2)])], structure: [])
    let rows = result.rows
    let expected = FalseDiscovery.adjusted(rows.map(\.p))
    #expect(rows.map(\.q) == expected && rows.contains { $0.q != nil })
  }
}
