import Base
import Formats
import Foundation
import Runs
import TestSupport
import Testing

@Suite struct RunEvidenceTests {
  /// A log in Lightning's form: 6 epochs of 10 steps, with noise that is the same in every epoch or new in each.
  private func folder(repeats: Bool) throws -> String {
    let folder = try Fixtures.temporaryFolder()
    try FileManager.default.createDirectory(atPath: folder + "/run", withIntermediateDirectories: true)
    var generator = NumpyGenerator(seed: 5)
    let noise = (0..<10).map { _ in generator.unit() }
    var lines = ["epoch,step,train_loss_step,val_bps_overall"]
    for step in 0..<60 {
      let loss = 1 - 0.005 * Double(step) + 0.2 * (repeats ? noise[step % 10] : generator.unit())
      lines.append("\(step / 10),\(step),\(loss),")
      if step % 10 == 9 { lines.append("\(step / 10),\(step),,\(0.01 * Double(step))") }
    }
    try (lines.joined(separator: "\n") + "\n").write(
      toFile: folder + "/run/metrics.csv", atomically: true, encoding: .utf8)
    return folder
  }

  private func names(_ folder: String) throws -> [RunFault.Name: String] {
    let set = try RunSet(root: folder, now: 0)
    let run = try #require(set.runs.first)
    return Dictionary(try RunCheck.faults(of: run, in: set).map { ($0.name, $0.evidence) }) { first, _ in first }
  }

  @Test("Losses that rise and fall at the same places of every epoch tell of the same batches; new noise does not")
  func batches() throws {
    let (same, new) = (try folder(repeats: true), try folder(repeats: false))
    defer { for folder in [same, new] { try? FileManager.default.removeItem(atPath: folder) } }
    #expect(try names(same)[.sameBatches]?.contains("correlate with r = ") == true)
    #expect(try names(new)[.sameBatches] == nil)
    let grid = try RunFolders.open("csv_grid")
    for run in grid.runs { #expect(!(try RunCheck.faults(of: run, in: grid).contains { $0.name == .sameBatches })) }
  }

  /// A checkpoint with four widths and a clamp whose limit decays from 4 to 1.5.
  private func checkpoint(_ widths: [Float], in folder: String) throws {
    let arrays = folder + "/widths.npz"
    try NpzWriter.write([NamedArray("std", Tensor(shape: [widths.count], values: widths))], to: arrays)
    let source = try NpzArchive(path: arrays)
    let tensor = try #require(try TorchTensor("std", of: source))
    try FileManager.default.removeItem(atPath: arrays)
    let clamp: ConfigNode = .map([
      .init("name", .string("decay_readout_std")), .init("type", .string("proximal_clamp_positive")),
      .init("lambda", .double(1.5)), .init("apply_to", .list([.string("readouts/std")])),
      .init("schedule", .map([.init("kind", .string("linear_decay")), .init("start_lambda", .double(4))])),
    ])
    let settings: ConfigNode = .map([
      .init(
        "model_config_dict", .map([.init("model_type", .string("v1multi")), .init("regularization", .list([clamp]))]))
    ])
    try TorchWriter.write(
      .dict([
        (.string("epoch"), .int(3)), (.string("global_step"), .int(40)),
        (.string("pytorch-lightning_version"), .string("2.6.0")),
        (.string("state_dict"), .orderedDict([("model.readouts.0.std", .tensor(tensor))])),
        (.string("hyper_parameters"), PythonValue(settings)),
      ]), to: folder + "/epoch=03-val_bps_overall=0.4.ckpt")
  }

  @Test("A checkpoint with values beyond its own clamps tells that they never acted; one within them does not")
  func clamps() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try checkpoint([0, 0.5, 1.5, 4], in: folder)
    #expect(try names(folder)[.clampsIdle] == nil)
    try checkpoint([-0.5, 9, 1.5, 4], in: folder)
    let evidence = try names(folder)[.clampsIdle] ?? "none"
    #expect(
      evidence.contains("between 0.0 and 4.0, and 2 of 4 values") && evidence.contains("up to 9 in "), "\(evidence)")
  }
}
