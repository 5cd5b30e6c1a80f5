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
    #expect(models == ["constant rate", "linear-nonlinear on pixels", "own readout", "new readout", "noise ceiling"])
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

  @Test("Where another stimulus repeats its trials, a noise ceiling stands beside the models, as eval has it")
  func ceiling() throws {
    let shell = try Shell()
    let table = try shell.table("transfer twin to sim/gaborium --l2 0.003 --starts 1")
    let row = try #require((0..<table.rowCount).first { table["model"]?[$0] == .string("noise ceiling") })
    let scores = try shell.table("eval twin on sim/fixrsvp --split all --metrics r_average,cc_max")
    let own = try #require(scores["r_average"]?.numbers)
    let ceilings = try #require(scores["cc_max"]?.numbers)
    // Cells that have a ceiling and a correlation of every model.
    let cells = try shell.table("transfer twin to sim/gaborium --l2 0.003 --starts 1 --per-cell")
    let new = try #require(cells["r_average"]?.numbers)
    #expect(zip(try #require(cells["cc_max"]?.numbers), ceilings).allSatisfy { abs(($0 ?? -1) - ($1 ?? -1)) < 1e-9 })
    // A model on the pixels that fits nothing predicts a constant rate, which correlates with nothing.
    let (pixels, constant) = (try #require(cells["pixels"]?.numbers), try #require(cells["constant_rate"]?.numbers))
    let common = own.indices.filter { cell in
      own[cell] != nil && ceilings[cell] != nil && new[cell] != nil
        && abs((pixels[cell] ?? .nan) - (constant[cell] ?? .nan)) > 1e-6
    }
    #expect(common.count >= 3 && table["cells"]?[row] == .int(common.count))
    func mean(_ values: [Double?]) -> Double { common.reduce(0) { $0 + (values[$1] ?? .nan) } / Double(common.count) }
    let averages = try #require(table["r_average"]?.numbers)
    #expect(abs((averages[row] ?? .nan) - mean(ceilings)) < 1e-9)
    #expect(abs((averages[row - 2] ?? .nan) - mean(own)) < 1e-5)
    #expect(abs((averages[row - 1] ?? .nan) - mean(new)) < 1e-9)
    #expect(averages[0] == nil && (averages[row] ?? 0) > (averages[row - 2] ?? 0))
  }

  @Test("Sessions left out in turn: a table of each, and of all with the same weight") func leaveOneOut() throws {
    let shell = try Shell()
    let table = try shell.table("transfer twin to sim/gaborium,nova/backimage --leave-one-out --l2 0.003 --starts 1")
    let sessions = (0..<table.rowCount).map { table["session"]?[$0].plainText ?? "" }
    let models = (0..<table.rowCount).map { table["model"]?[$0].plainText ?? "" }
    let scores = try #require(table["bits_per_spike"]?.numbers)
    func score(_ session: String, _ model: String) -> Double? {
      (0..<table.rowCount).first { sessions[$0] == session && models[$0] == model }.flatMap { scores[$0] }
    }
    for model in ["constant rate", "linear-nonlinear on pixels", "new readout"] {
      let parts = [try #require(score("Sim_2025-01-17", model)), try #require(score("Nova_2025-02-03", model))]
      #expect(abs(try #require(score("all sessions", model)) - (parts[0] + parts[1]) / 2) < 1e-9)
    }
    #expect(score("all sessions", "own readout") == nil)
    #expect(table.note?.contains("the core may have learnt from it") == true)
    // The session's own adapter plays no part.
    let new = try shell.table("transfer twin to sim/gaborium --as-new --l2 0.003 --starts 1")
    let row = try #require((0..<new.rowCount).first { new["model"]?[$0] == .string("new readout") })
    #expect(abs((new["bits_per_spike"]?.numbers?[row] ?? .nan) - (score("Sim_2025-01-17", "new readout") ?? 0)) < 1e-9)
    #expect(try shell.failure("transfer twin to sim/gaborium --leave-one-out").kind == .usage)
  }
}
