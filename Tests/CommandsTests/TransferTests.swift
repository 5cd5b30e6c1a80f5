import Base
import Foundation
import TestSupport
import Testing

@Suite("transfer")
struct TransferTests {
  @Test("The models of a new session in one table, whose numbers are the means over cells; the readouts are refit's")
  func models() throws {
    let shell = try Shell()
    let table = try shell.table("transfer twin to nova/backimage --l2 0.003 --starts 1")
    let models = (0..<table.rowCount).map { table["model"]?[$0].plainText }
    #expect(models == ["constant rate", "linear-nonlinear on pixels", "new readout"])
    let means = try #require(table["bits_per_spike"]?.numbers).compactMap(\.self)
    #expect(means[0] <= 0 && means[2] > means[0])
    let cells = try shell.table("transfer twin to nova/backimage --l2 0.003 --starts 1 --per-cell")
    for (place, column) in ["constant_rate", "pixels", "new_readout"].enumerated() {
      let scores = try cells.known(column)
      #expect(scores.count == 12)
      #expect(abs(scores.reduce(0, +) / 12 - means[place]) < 1e-9, "\(column)")
    }
    let refit = try shell.table("refit twin readout on nova/backimage as x --l2 0.003 --starts 1")
    expectClose(try cells.numbers("new_readout"), try refit.numbers("bits_per_spike_val"), within: 1e-4)
  }

  @Test("A session that the twin knows adds its own readout; another adapter and chosen cells are asked for by name")
  func known() throws {
    let shell = try Shell()
    let table = try shell.table("transfer twin to sim/gaborium --l2 0.003 --starts 1 --as-new --hold-out 0,1")
    let models = (0..<table.rowCount).map { table["model"]?[$0].plainText }
    #expect(models == ["constant rate", "linear-nonlinear on pixels", "own readout", "new readout"])
    #expect(table["cells"]?[0] == .int(2))
    let own = try #require(try shell.table("eval twin on sim/gaborium")["bits_per_spike"]?.numbers)
    let mean = ((own[0] ?? .nan) + (own[1] ?? .nan)) / 2
    #expect(abs(mean - (table["bits_per_spike"]?.numbers?[2] ?? .nan)) < 1e-6)
    #expect(try shell.failure("transfer twin to sim/gaborium --hold-out 9999").kind == .missing)
  }

  @Test("A learning curve has a row for each amount, and all data give the score of all training trials")
  func curve() throws {
    let shell = try Shell()
    let table = try shell.table("transfer twin to nova/backimage --l2 0.003 --starts 1 --curve 0.2,1000 --draws 2")
    let minutes = try #require(table["minutes"]?.numbers).compactMap(\.self)
    #expect(minutes.count == 2 && minutes[0] >= 0.2 && minutes[0] < minutes[1])
    let all = try shell.table("transfer twin to nova/backimage --l2 0.003 --starts 1")
    let scores = try #require(table["bits_per_spike"]?.numbers).compactMap(\.self)
    #expect(abs(scores[1] - (all["bits_per_spike"]?.numbers?.last.flatMap(\.self) ?? .nan)) < 1e-4)
    #expect(scores[0] < scores[1])
    #expect(try shell.failure("transfer twin to nova/backimage --curve 0,1").kind == .usage)
  }
}
