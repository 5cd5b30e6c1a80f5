import Base
import TestSupport
import Testing

@Suite("Generalization")
struct GeneralizationTests {
  /// The session that the twin was trained on, with all its stimuli.
  private func shell() throws -> Shell {
    let shell = try Shell()
    try shell.run("open \(Fixtures.path("twin/Sim_2025-01-17")) as whole")
    return shell
  }

  @Test("Parts are told by what the twin's configuration trained on, and their means are those of eval")
  func parts() throws {
    let shell = try shell()
    let table = try shell.table("generalization twin on whole")
    #expect(
      (0..<4).map { table.record($0)["part"]?.plainText } == ["training", "held-out", "withheld", "withheld"])
    #expect(
      (0..<4).map { table.record($0)["stimulus"]?.plainText } == ["backimage", "backimage", "fixrsvp", "gaborium"])
    for (row, part) in ["backimage --split train", "backimage", "fixrsvp --split all", "gaborium --split all"]
      .enumerated()
    {
      let scores = try shell.table("eval twin on whole/\(part)")["bits_per_spike"]?.numbers?.compactMap(\.self) ?? []
      let mean = try #require(table["bits_per_spike"]?.numbers?[row])
      #expect(abs(mean - scores.reduce(0, +) / Double(scores.count)) < 1e-12)
    }
    let gaps = try #require(table["gap"]?.numbers)
    #expect(gaps[0] == nil)
    #expect(try #require(gaps[3]) > #require(gaps[1]))
  }

  @Test("Each cell's gap is its training score minus the part's")
  func cells() throws {
    let shell = try shell()
    let table = try shell.table("generalization twin on whole --metric r --cells")
    let scores = try #require(table["score"]?.numbers)
    let gaps = try #require(table["gap"]?.numbers)
    let cells = table.rowCount / 4
    for row in cells..<table.rowCount {
      let expected = scores[row % cells].flatMap { training in scores[row].map { training - $0 } }
      #expect((gaps[row] == nil) == (expected == nil))
      #expect(abs((gaps[row] ?? 0) - (expected ?? 0)) < 1e-12)
    }
    #expect(gaps.count { $0 != nil } > cells)
  }

  @Test("Unknown stimuli and metrics get one best guess")
  func misspelt() throws {
    let shell = try shell()
    #expect(
      try shell.failure("generalization twin on whole --trained gaborim").hint == "did you mean `gaborium`?")
    #expect(try shell.failure("generalization twin on whole --metric cc_nrom").hint == "did you mean `cc_norm`?")
  }
}
