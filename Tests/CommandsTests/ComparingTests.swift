import Base
import Foundation
import TestSupport
import Testing

@Suite("Comparing twins")
struct ComparingTests {
  /// `twin`, its predictions `p`, and `calibrated`: the same with gain and offset.
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
    let differences = try byCell(cells, "difference")
    #expect(differences.count == 16)
    for (cid, difference) in differences {
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
    let table = try shell.table("leaderboard | where variant == 'raw, null bins' | where split == 'val'")
    #expect(table["twin"]?.values == .string(["p", "twin"]))
    #expect(table["cells"]?.values == .int([16, 16]))
    let other = try shell.table("leaderboard | where variant == 'affine held-out, fitted on all, null bins'")
    #expect(other["twin"]?.values == .string(["calibrated"]))
    #expect(other["rank"]?.values == .int([1]), "ranked apart from raw rates")
  }

  @Test("In-sample scores, held-out scores, gains and raw rates are ranked in blocks of their own")
  func variants() throws {
    let shell = try shell()
    try shell.run("calibrate p --in-sample; eval p --calibrated; calibrate p; eval p --calibrated; eval p")
    try shell.run("calibrate twin on sim/gaborium --mode gain; eval twin on sim/gaborium --calibrated")
    let table = try shell.table("leaderboard")
    #expect(
      table["variant"]?.values
        == .string([
          "affine held-out, fitted on val, null bins", "affine in-sample, fitted on val, null bins",
          "gain held-out, fitted on val, null bins", "raw, null bins",
        ]))
    #expect(table["rank"]?.values == .int([1, 1, 1, 1]))
  }

  @Test("compare, generalization and report feed the leaderboard with the scores that eval gives")
  func feeding() throws {
    let shell = try shell()
    for command in [
      "compare p twin on sim/gaborium", "generalization twin on sim", "report twin on sim",
    ] {
      try shell.run(command)
      let rows = "leaderboard | where twin == 'twin' and variant == 'raw, null bins'"
      let fed = try shell.table("\(rows) and entry == \(shell.session.entry)").record(0)
      let (stimulus, split) = (try #require(fed["stimulus"]).plainText, try #require(fed["split"]).plainText)
      try shell.run("eval twin on sim/\(stimulus) --split \(split)")
      let evaluated = try shell.table("\(rows) and stimulus == '\(stimulus)' and split == '\(split)'")
      #expect(evaluated.rowCount == 1, "\(command): the same variant")
      #expect(evaluated.record(0)["mean"] == fed["mean"], "\(command)")
      #expect(evaluated.record(0)["entry"] != fed["entry"], "\(command): eval's scores are the newer ones")
    }
  }
}
