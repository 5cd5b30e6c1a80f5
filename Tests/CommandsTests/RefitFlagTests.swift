import Base
import Foundation
import TestSupport
import Testing

@Suite("refit: objectives, penalties, parts")
struct RefitFlagTests {
  private let common = "refit twin readout on nova/backimage --starts 1 --l2 0.003"

  @Test("A sweep gives a row for each setting, its front, and no twin") func sweep() throws {
    let shell = try Shell()
    let table = try shell.table("\(common) --sweep corr=0,3")
    #expect(table["value"]?.numbers == [0, 3])
    let r = try #require(table["r_train"]?.numbers).compactMap(\.self)
    let loss = try #require(table["nll_train"]?.numbers).compactMap(\.self)
    #expect(r.count == 2 && r[1] > r[0] && loss[1] > loss[0])
    #expect(table["front"] != nil)
    #expect(try !shell.names().contains("twin-nova"))
    #expect(try shell.failure("\(common) --sweep cor=0,3").hint == "did you mean `corr`?")
    #expect(try shell.failure("refit twin readout on nova/backimage as x --sweep corr=0,3").kind == .usage)
  }

  @Test("A new readout leaves the cached features of the core what they are") func cached() throws {
    let shell = try Shell()
    try shell.run("\(common) as first")
    let before = try shell.table("cache | select kind frames key")
    try shell.run("refit first readout on nova/backimage as second --starts 1 --l2 0.01")
    #expect(try shell.table("cache | select kind frames key") == before)
  }

  @Test("Features, place or gain alone begin at the head's readouts; without a head they say what to do")
  func parts() throws {
    let shell = try Shell()
    #expect(try shell.failure("\(common) as x --fit features").hint?.contains("--from") == true)
    let full = try shell.table("\(common) as made")
    #expect((0..<full.rowCount).allSatisfy { full["converged"]?[$0] == .bool(true) })
    for part in ["features", "place"] {
      let table = try shell.table("refit made readout on nova/backimage as \(part) --starts 1 --l2 0.003 --fit \(part)")
      // The full fit is an optimum of both.
      for (a, b) in zip(table["nll_train"]?.numbers ?? [], full["nll_train"]?.numbers ?? []) {
        #expect(abs((a ?? .nan) - (b ?? .nan)) < 2e-3)
      }
    }
    let gain = try shell.table("refit made readout on nova/backimage as gained --fit gain --pull 0.1")
    #expect(gain["center_y"]?.numbers == full["center_y"]?.numbers)
    #expect(try shell.failure("refit made readout on nova/backimage as x --fit gain --l1 1").kind == .usage)
    #expect(try shell.failure("refit made readout on nova/backimage as x --pull 1").kind == .usage)
  }

  @Test("Chosen cells get new readouts, the others keep theirs bit for bit") func cells() throws {
    let shell = try Shell()
    try shell.run("\(common) as made")
    let before = try shell.table("eval made on nova/backimage")
    let table = try shell.table(
      "refit made readout on nova/backimage as part --starts 1 --l2 0.1 --cells 'bits_per_spike < median(bits_per_spike)'"
    )
    #expect(table.rowCount == 6)
    let after = try shell.table("eval part on nova/backimage")
    let chosen = Set(try #require(table["cid"]?.numbers).compactMap(\.self))
    let cids = try #require(before["cid"]?.numbers)
    let (old, new) = (try #require(before["nll"]?.numbers), try #require(after["nll"]?.numbers))
    for place in cids.indices {
      #expect((old[place] == new[place]) == !chosen.contains(try #require(cids[place])))
    }
  }

  @Test("auto chooses a penalty for each cell; diagnose labels each") func auto() throws {
    let shell = try Shell()
    try shell.run("\(common) as made")
    let table = try shell.table(
      "refit made readout on nova/backimage as x --starts 1 --l2 auto --diagnose --cells 'cid < 4'")
    let penalties = Set(try #require(table["l2"]?.numbers).compactMap(\.self))
    #expect(!penalties.isEmpty && penalties.allSatisfy { (0.0001...0.3).contains($0) })
    #expect(table.note?.contains("cross-validation inside the training trials") == true)
    let labels = (0..<table.rowCount).map { table["label"]?[$0] }
    #expect(
      labels.count == 4
        && labels.allSatisfy { $0 != .null && $0 != .string("overfitted") && $0 != .string("underfitted") })
  }
}
