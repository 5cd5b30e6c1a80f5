import Base
import Foundation
import TestSupport
import Testing

@Suite("Comparing twins")
struct ComparingTests {
  /// `twin`, and `worse`: its predictions with every rate doubled, in a file with other cells' order.
  private func shell() throws -> Shell {
    let shell = try Shell()
    try shell.run("predict twin on sim/gaborium as p; calibrate twin on sim/gaborium --split all")
    try shell.run("predict twin on sim/gaborium --calibrated as calibrated")
    return shell
  }

  @Test("Differences are those of eval, joined by cid")
  func differences() throws {
    let shell = try shell()
    let cells = try shell.table("compare twin calibrated on sim/gaborium --cells")
    let scores = try shell.table("eval twin on sim/gaborium")
    let calibrated = try shell.table("eval calibrated")
    #expect(cells.rowCount == scores.rowCount)
    func byCell(_ table: Table, _ column: String) throws -> [Int: Double] {
      var result: [Int: Double] = [:]
      for row in 0..<table.rowCount {
        if case .int(let cid)? = table.record(row)["cid"] { result[cid] = table[column]?.numbers?[row] }
      }
      return result
    }
    let (a, b) = (try byCell(scores, "bits_per_spike"), try byCell(calibrated, "bits_per_spike"))
    for (cid, difference) in try byCell(cells, "difference") {
      #expect(abs(difference - (try #require(b[cid]) - #require(a[cid]))) < 1e-9)
    }
    let magnitudes = try #require(cells["difference"]?.numbers).compactMap { $0.map(abs) }
    #expect(magnitudes == magnitudes.sorted(by: >))
    let summary = try shell.table("compare twin calibrated on sim/gaborium --by session")
    #expect((0..<2).map { summary.record($0)["cells_of"]?.plainText } == ["all", "Sim_2025-01-17"])
    let mean = try #require(summary["difference"]?.numbers?[0])
    #expect(abs(mean - b.keys.reduce(0) { $0 + (b[$1] ?? 0) - (a[$1] ?? 0) } / Double(b.count)) < 1e-9)
  }

  @Test("Scores of other splits or bins are refused unless told so")
  func refusals() throws {
    let shell = try shell()
    try shell.run("predict twin on sim/gaborium --split train as training")
    let failure = try shell.failure("compare p training")
    #expect(failure.message == "`training` is scored on split train, `p` on val")
    #expect(try shell.table("compare p training --mixed").rowCount == 1)
    #expect(try shell.failure("compare p").message.contains("at least two"))
    #expect(try shell.failure("compare p p").message.contains("named twice"))
    #expect(try shell.failure("compare p twin").message.contains("name the stimulus"))
  }

  @Test("The leaderboard ranks what was evaluated, the latest scores of each")
  func leaderboard() throws {
    let shell = try shell()
    #expect(try shell.failure("leaderboard").message.contains("nothing has been evaluated"))
    try shell.run("eval p; eval calibrated; eval twin on sim/gaborium; eval twin on sim/gaborium")
    let table = try shell.table("leaderboard | where variant == 'null bins' | where split == 'val'")
    #expect((0..<3).map { table.record($0)["twin"]?.plainText } == ["calibrated", "p", "twin"])
    #expect((0..<3).map { table.record($0)["cells"]?.plainText } == ["16", "16", "16"])
    let means = try #require(table["mean"]?.numbers).compactMap(\.self)
    #expect(means == means.sorted(by: >))
  }
}
