import Base
import Foundation
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
}
