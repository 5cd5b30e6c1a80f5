import Analysis
import Testing

@Suite("Latency of a twin beside that of the cells")
struct LatencyResultTests {
  private func row(_ latency: LatencyResult) throws -> WhatIfResult.Row {
    let rows = WhatIfResult(arms: ["mask"], stimuli: [], structure: [], latency: .measured(latency)).rows
    try #require(rows.count == 1)
    return rows[0]
  }

  @Test("The row is the mean over cells and seeds of the twin's peak lag minus the cell's, with the paired difference")
  func row() throws {
    let cells = (0..<16).map(Double.init)
    let recorded = cells.map { Optional(40 + $0) }
    // The control is 10 ms early, the edited twin 4 ms late with one order of batches and 6 ms with the other.
    func shifted(_ shift: Double) -> [Double?] { recorded.map { $0.map { $0 + shift } } }
    let found = try row(
      LatencyResult(
        stimulus: "gaborium", recordedMs: recorded, startMs: shifted(-12),
        endMs: [[shifted(-10), shifted(4)], [shifted(-10), shifted(6)]]))
    #expect(found.metric == "late_ms" && found.role == "structure" && found.stimulus == "gaborium" && found.cells == 16)
    #expect(found.start == -12 && found.control == -10 && found.edited == 5 && found.difference == 15)
    let interval = try #require(found.interval)
    #expect(interval.lower < 15 && 15 < interval.upper)
    #expect(try abs(#require(found.seedSpread) - 2.squareRoot()) < 1e-12)
  }

  @Test("Only cells with a clear field in the data and in all twins count; without one there is a reason")
  func missing() throws {
    let found = try row(
      LatencyResult(
        stimulus: "gaborium", recordedMs: [50, nil, 50, 50], startMs: [60, 60, nil, 60],
        endMs: [[[60, 60, 60, 60], [70, 70, 70, nil]]]))
    #expect(found.cells == 1 && found.start == 10 && found.control == 10 && found.edited == 20)
    #expect(found.interval == nil && found.reason?.contains("too few cells") == true)
    let none = try row(LatencyResult(stimulus: "gaborium", recordedMs: [nil], startMs: [1], endMs: [[[1], [1]]]))
    #expect(none.cells == 0 && none.difference == nil && none.reason == "no recorded cell has a clear receptive field")
  }

  @Test("Where no stimulus shows new frames, the row says so")
  func unmeasurable() throws {
    let rows = WhatIfResult(arms: ["mask"], stimuli: [], structure: [], latency: .unmeasurable).rows
    #expect(rows.map(\.metric) == ["late_ms"])
    #expect(rows[0].difference == nil && rows[0].reason?.contains("no stimulus") == true)
  }
}
