import Base
import Foundation
import Session
import TestSupport
import Testing

/// The scores that refit promises are those of the new twin: activation, baseline, history and the form of the readout are
/// the same in the fit and in the network.
@Suite("refit on twins of every kind")
struct RefitModelTests {
  private func checkPromise(
    _ shell: Shell, _ command: String, twin: String, on stimulus: String, within tolerance: Double = 5e-3
  ) throws {
    let fit = try shell.table(command)
    let promised = try fit.numbers("bits_per_spike_val")
    let scores = try shell.table("eval \(twin) on \(stimulus)").numbers("bits_per_spike")
    expectClose(promised, scores, within: tolerance, "\(command)")
    #expect(promised.compactMap(\.self).contains { $0 > 0 }, "\(command)")
  }

  @Test("The output activation", arguments: ["none", "relu", "sigmoid"])
  func activations(name: String) throws {
    let shell = try Shell()
    try shell.run("edit twin as other set output_activation=\(name)")
    // The fit reads features in half precision; behind a rectifier their rounding decides whether a rate is 0.
    try checkPromise(
      shell, "refit other readout on nova/backimage as made --l2 0.003 --starts 2", twin: "made", on: "nova/backimage",
      within: name == "relu" ? 2e-2 : 5e-3)
  }

  @Test("A linear readout and a baseline, for a new session and the session's own head again") func linear() throws {
    let shell = try Shell()
    let text = try String(contentsOfFile: Fixtures.path("twin/config.yaml"), encoding: .utf8)
      .replacingOccurrences(
        of: "type: gaussian\n  params: {n_units: 8, bias: true, initial_std: 1.0, initial_mean_scale: 0.1}",
        with: "type: linear\n  params: {bias: true}\nbaseline: {enabled: true, activation: relu, init_value: 0.01}")
    try text.write(toFile: shell.folder + "/model.yaml", atomically: true, encoding: .utf8)
    let data = Fixtures.path("twin/multi_sim_120_backimage.yaml")
    try shell.run("new \(shell.folder)/model.yaml --data \(data) as fresh")
    try checkPromise(shell, "refit fresh readout on nova/backimage as made", twin: "made", on: "nova/backimage")
    try checkPromise(
      shell, "refit made readout on nova/backimage as again --l2 0.01", twin: "again", on: "nova/backimage")
    #expect(try shell.failure("refit made readout on nova/backimage as x --fit place").kind == .usage)
  }

  @Test("Spike history: refit lowers every cell's loss, and reports that of the twin which reads the same past counts")
  func history() throws {
    let shell = try Shell(zoo: TwinInputsTests.concat, yaml: BehaviourRecordings.yaml())
    let table = try shell.table("refit twin readout on rec/backimage as made --l2 0.1 --starts 1")
    let scores = try shell.table("eval made on rec/backimage --split train")
    let (fitted, told) = (try #require(table["nll_train"]?.numbers), try #require(scores["nll"]?.numbers))
    #expect(fitted.count == 5)
    let before = try #require(try shell.table("eval twin on rec/backimage --split train")["nll"]?.numbers)
    for ((a, b), before) in zip(zip(fitted, told), before) {
      #expect(abs(try #require(a) - #require(b)) < 5e-3)
      #expect(try #require(a) < #require(before))
    }
  }

  @Test("The adapter moves together with the readouts where that is asked for; else it stays bit for bit")
  func adapter() throws {
    let shell = try Shell(zoo: TwinInputsTests.concat, yaml: BehaviourRecordings.yaml())
    try shell.run("refit twin readout on rec/backimage as plain --l2 0.1 --starts 1")
    let table = try shell.table("refit twin readout on rec/backimage as made --l2 0.1 --starts 1 --fit adapter")
    let (before, plain, made) = (
      try shell.session.loadTwin("twin"), try shell.session.loadTwin("plain"), try shell.session.loadTwin("made")
    )
    let names = before.source.arrayNames.filter { $0.hasPrefix("adapters.") }
    #expect(names.count >= 2)
    func bits(_ twin: LoadedTwin, _ name: String) throws -> [UInt32] {
      try twin.source.tensor(name).values.map(\.bitPattern)
    }
    for name in names {
      let (old, alone, together) = (try bits(before, name), try bits(plain, name), try bits(made, name))
      #expect(alone == old, "\(name)")
      #expect((together == old) == (name != "adapters.0.log_scale"), "\(name)")
    }
    let losses = try #require(table.note?.firstMatch(of: /training loss ([0-9.]+) to ([0-9.]+) nats/))
    let (start, end) = (try #require(Double(losses.1)), try #require(Double(losses.2)))
    #expect(end <= start)
    let scores = try shell.table("eval made on rec/backimage --split train")
    expectClose(try table.numbers("nll_train"), try scores.numbers("nll"), within: 5e-3)
    let alone = try table.numbers("nll_train_alone")
    #expect(alone.allSatisfy { $0 != nil })
    try shell.run("freeze made adapter")
    #expect(try shell.failure("refit made readout on rec/backimage as x --fit adapter").kind == .conflict)
    #expect(try shell.failure("refit twin readout on rec/backimage as x --fit adapter --corr 1").kind == .usage)
  }

  @Test("A fit that begins at another head's readouts keeps what it is told to keep of them") func from() throws {
    let shell = try Shell()
    try shell.run("refit twin readout on nova/backimage as made --starts 1 --l2 0.003")
    let own = try shell.table("refit made readout on nova/backimage as a --fit gain")
    let other = try shell.table("refit made readout on nova/backimage as b --fit gain --from 1")
    // The places are those of head 1, which refit tells when it fits gains there.
    let there = try shell.table("refit twin readout on sim/gaborium as c --fit gain")
    let places = Dictionary(
      uniqueKeysWithValues: zip(
        try #require(there["cid"]?.numbers).compactMap(\.self), try #require(there["center_y"]?.numbers)))
    let (mine, theirs) = (try #require(own["center_y"]?.numbers), try #require(other["center_y"]?.numbers))
    var compared = 0
    for (cid, place) in zip(try #require(other["cid"]?.numbers).compactMap(\.self), theirs) {
      guard let place, let expected = places[cid] ?? nil else { continue }
      #expect(abs(place - expected) < 1e-6)
      compared += 1
    }
    #expect(compared >= 6 && mine != theirs)
    // The head's readout is the first of two starts, the other is that of `plain`: a start more can only lower the loss.
    let plain = try shell.table("refit twin readout on nova/backimage as d --starts 1")
    let started = try shell.table("refit twin readout on nova/backimage as e --starts 2 --from 0")
    for (a, b) in zip(try #require(started["nll_train"]?.numbers), try #require(plain["nll_train"]?.numbers)) {
      #expect(try #require(a) <= #require(b) + 1e-5)
    }
    #expect(try #require(started["spread"]?.numbers).contains { $0 != nil })
    #expect(try shell.failure("refit twin readout on nova/backimage --from 7").kind == .missing)
  }
}
