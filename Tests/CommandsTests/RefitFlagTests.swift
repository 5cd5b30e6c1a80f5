import Base
import Foundation
import TestSupport
import Testing

@Suite("refit: objectives, penalties, parts")
struct RefitFlagTests {
  /// One workspace: the core's features are made once.
  @Test("Rows without standard errors, and with a width at its upper limit, say so")
  func remarks() throws {
    let shell = try Shell()
    let correlated = try shell.table("refit twin readout on nova/backimage as x --starts 1 --l2 0.003 --corr 0.3")
    let bounded = try shell.table("refit twin readout on nova/backimage as y --starts 1 --l2 0.003 --max-width 0.3")
    for row in 0..<correlated.rowCount {
      let record = correlated.record(row)
      #expect(record["center_y_error"] == .null && record["reason"] != .null, "\(row)")
    }
    var found = 0
    for row in 0..<bounded.rowCount {
      let record = bounded.record(row)
      guard let y = record["std_y"]?.number, let x = record["std_x"]?.number else { continue }
      let isWidest = max(y, x) >= 0.2997
      #expect(record["reason"]?.plainText.contains("width at its upper limit") == isWidest, "\(row)")
      found += isWidest ? 1 : 0
    }
    #expect(found > 0)
  }

  @Test("Sweeps, parts, chosen cells, penalties of each cell and labels, on features that are kept") func flags() throws
  {
    let shell = try Shell()
    let full = try shell.table("refit twin readout on nova/backimage as made --l2 0.003")
    let few = "refit made readout on nova/backimage --starts 1 --cells 'cid < 3'"
    #expect((0..<full.rowCount).allSatisfy { full["converged"]?[$0] == .bool(true) })
    // A new readout leaves the cached features of the core what they are.
    let before = try keptFeatures(shell)
    #expect(before.count == 1)
    try checkSweep(shell, few)
    try checkParts(shell, few, full)
    try checkCells(shell)
    try checkAuto(shell, few)
    try checkOwnPenalties(shell, few)
    try checkShared(shell, few)
    #expect(try keptFeatures(shell) == before)
  }

  private func keptFeatures(_ shell: Shell) throws -> [String] {
    let table = try shell.table("cache | where kind == 'features'")
    return (0..<table.rowCount).map {
      "\(table["frames"]?[$0].plainText ?? "") \(table["key"]?[$0].plainText ?? "")"
    }
  }

  /// A row for each setting, a front, and no twin.
  private func checkSweep(_ shell: Shell, _ few: String) throws {
    let table = try shell.table("\(few) --l2 0.003 --sweep corr=0,3")
    #expect(table["value"]?.numbers == [0, 3])
    let r = try #require(table["r_train"]?.numbers).compactMap(\.self)
    let loss = try #require(table["nll_train"]?.numbers).compactMap(\.self)
    #expect(r.count == 2 && r[1] > r[0] && loss[1] > loss[0])
    #expect((0..<2).contains { table["front"]?[$0] == .bool(true) })
    #expect(try !shell.names().contains("made-nova"))
  }

  /// Fits of a part begin at the head's readouts, which are an optimum of both parts.
  private func checkParts(_ shell: Shell, _ few: String, _ full: Table) throws {
    for part in ["features", "place"] {
      let table = try shell.table(
        few.replacingOccurrences(of: " --", with: " as \(part) --", first: true) + " --l2 0.003 --fit \(part)")
      expectClose(
        try table.numbers("nll_train"), Array(try full.numbers("nll_train").prefix(table.rowCount)), within: 2e-3)
    }
    let gain = try shell.table("refit made readout on nova/backimage as gained --fit gain --pull 0.1")
    let centers = try full.numbers("center_y")
    #expect(gain.rowCount == full.rowCount && centers.count { $0 != nil } > 6)
    expectClose(try zip(gain.numbers("center_y"), centers).map { $1 == nil ? nil : $0 }, centers, within: 1e-5)
  }

  /// Chosen cells get new readouts, the others keep theirs bit for bit.
  private func checkCells(_ shell: Shell) throws {
    let before = try shell.table("eval made on nova/backimage")
    let table = try shell.table(
      "refit made readout on nova/backimage as part --starts 1 --l2 0.1 --cells 'bits_per_spike < quantile(bits_per_spike, 0.25)'"
    )
    #expect(table.rowCount == 3)
    let after = try shell.table("eval part on nova/backimage")
    let chosen = Set(try #require(table["cid"]?.numbers).compactMap(\.self))
    let cids = try #require(before["cid"]?.numbers)
    let (old, new) = (try #require(before["nll"]?.numbers), try #require(after["nll"]?.numbers))
    for place in cids.indices {
      #expect((old[place] == new[place]) == !chosen.contains(try #require(cids[place])))
    }
  }

  private func checkAuto(_ shell: Shell, _ few: String) throws {
    let table = try shell.table(
      few.replacingOccurrences(of: " --", with: " as chosen --", first: true) + " --l2 auto --diagnose")
    let penalties = Set(try #require(table["l2"]?.numbers).compactMap(\.self))
    #expect(!penalties.isEmpty && penalties.allSatisfy { (0.0001...0.3).contains($0) })
    #expect(table.note?.contains("cross-validation inside the training trials") == true)
    let labels = (0..<table.rowCount).map { table["label"]?[$0] }
    // The penalty that was used is the best.
    #expect(
      labels.count == 3
        && labels.allSatisfy { $0 != .null && $0 != .string("overfitted") && $0 != .string("underfitted") })
  }

  /// The twin's YAML limits widths to 1.5 at the end of training and has no other penalty on readouts.
  private func checkOwnPenalties(_ shell: Shell, _ few: String) throws {
    let own = try shell.table(
      few.replacingOccurrences(of: " --", with: " as own --", first: true) + " --regularization")
    let flag = try shell.table(
      few.replacingOccurrences(of: " --", with: " as flag --", first: true) + " --max-width 1.5")
    for column in ["nll_train", "center_y", "std_y", "l2"] { #expect(own[column] == flag[column]) }
    #expect(try #require(own["std_y"]?.numbers).allSatisfy { ($0 ?? 0) <= 1.5001 })
    #expect(own.note?.contains("largest width 1.5") == true)
  }

  /// A penalty that all cells share costs likelihood; so does one on the roughness, which widens.
  private func checkShared(_ shell: Shell, _ few: String) throws {
    let table = try shell.table("\(few) --l2 0.003 --sweep group_lasso=0,0.02")
    let loss = try #require(table["nll_train"]?.numbers).compactMap(\.self)
    #expect(loss.count == 2 && loss[1] > loss[0] + 1e-4)
    let smooth = try shell.table(
      few.replacingOccurrences(of: " --", with: " as smooth --", first: true) + " --l2 0.003 --smooth 10")
    let widths = try smooth.numbers("std_y")
    #expect(widths.allSatisfy { ($0 ?? .infinity) > 2 })
  }

  @Test(
    "What can't be meant is refused before anything is computed",
    arguments: [
      "--sweep cor=0,3", "--sweep corr=1", "--sweep rate_weight=0,2", "--l2 much", "--l1 -1", "--corr -1",
      "--rate-weight 2",
      "--fit gain --l1 1", "--pull 1", "--max-width 0", "--diagnose --corr 1", "--l2 1 --choose-l2 1,2",
      "--regularization --l2 1", "--regularization --fit gain", "--regularization --smooth 1", "--group-lasso -1",
      "--group-lasso 1 --l2 auto", "--group-lasso 1 --diagnose", "--fit gain --group-lasso 1",
      "--fit place --group-lasso 1", "--fit adapter --group-lasso 1", "--fit gain --smooth 1", "--fit adapter --corr 1",
      "--smooth -1", "--fit features --smooth 1", "--sweep group_lasso=0,1 --l2 auto",
    ])
  func refused(flags: String) throws {
    #expect(try Shell().failure("refit twin readout on nova/backimage \(flags)").kind == .usage)
    #expect(try Shell().failure("refit twin readout on nova/backimage as x --sweep corr=0,3").kind == .usage)
  }
}

extension String {
  fileprivate func replacingOccurrences(of text: String, with other: String, first: Bool) -> String {
    guard let range = range(of: text) else { return self }
    return replacingCharacters(in: range, with: other)
  }
}
