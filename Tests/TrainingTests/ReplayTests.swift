import Base
import Formats
import Layers
import Recordings
import TestSupport
import Testing
import Training
import Twin

/// Trainings that PyTorch recorded, step by step.
@Suite("Recorded trainings replay", .enabled(if: Fixtures.hasShared))
struct ReplayTests {
  /// How a recorded training was run, and how far numbers may differ.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var frozen: Set<Part> = []
    var decay = 1e-4
    var clip: Double?
    var rateWeight = 0.0
    var takesProximalSteps = true
    var continuesAdam = false
    /// Share of its movement by which a parameter may be off.
    var tolerance = 0.05

    var testDescription: String { name }
  }

  private static let core: Set<Part> = [.frontend, .convnet, .modulator, .recurrent]
  static let cases = [
    Case(name: "all", clip: 0.1),
    Case(name: "readouts", frozen: core.union([.adapter])),
    Case(name: "readouts_adapters", frozen: core, decay: 1e-5, takesProximalSteps: false),
    Case(name: "invrate", rateWeight: 1),
    Case(name: "core", frozen: [.adapter, .readout]),
    Case(name: "mixed", tolerance: 0.1),
    Case(name: "accum", clip: 10),
    Case(name: "resume", continuesAdam: true),
    Case(name: "transfer", frozen: core.union([.adapter]), decay: 1e-5),
  ]

  @Test("Losses, gradient norms and final parameters are the recorded ones", arguments: cases)
  func replay(_ recorded: Case) throws {
    let archive = try NpzArchive(path: Fixtures.shared("finetune/\(recorded.name).npz"))
    let batches = try RecordedBatches(archive)
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    let architecture = try TwinArchitecture(configuration: try #require(checkpoint.configuration), source: checkpoint)
    let sets = try RecordedSet.both()
    var start = try ParameterStore(checkpoint)
    for name in archive.arrayNames where name.hasPrefix("init/") {
      try start.set(String(name.dropFirst(5)), to: archive.tensor(name))
    }
    var trainer = try Trainer(
      architecture: architecture, source: start, heads: [0, 1],
      settings: TrainingSettings(
        weightDecay: recorded.decay, clip: recorded.clip, usesProximalSteps: recorded.takesProximalSteps,
        objective: Objective(rateWeight: recorded.rateWeight)),
      isFrozen: { recorded.frozen.contains($0.part) },
      optimiser: recorded.continuesAdam ? try AdamW(stored: checkpoint, of: architecture) : nil)
    let losses = try archive.doubles("loss")
    let norms = try archive.doubles("grad_norm")
    #expect(losses.count == batches.steps.count)
    for (index, step) in batches.steps.enumerated() {
      let record = try trainer.take(step, from: sets)
      #expect(abs(record.loss - losses[index]) <= 1e-3 * abs(losses[index]), "loss of step \(index)")
      #expect(abs(record.gradientNorm - norms[index]) <= 0.02 * norms[index], "gradient norm of step \(index)")
    }
    let moved = archive.arrayNames.filter { $0.hasPrefix("final/") }.map { String($0.dropFirst(6)) }
    #expect(!moved.isEmpty)
    for name in moved {
      let (theirs, before) = (try archive.tensor("final/\(name)").values, try start.tensor(name).values)
      let ours = try trainer.store.tensor(name).values
      let way = zip(theirs, before).reduce(0) { max($0, abs($1.0 - $1.1)) }
      let isEarly = name.hasPrefix("frontend") || name.contains("stem")
      let limit = Float(isEarly ? 0.1 : recorded.tolerance) * way + 3e-5
      let worst = zip(ours, theirs).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(worst <= limit, "\(name): off by \(worst), it moved by \(way)")
    }
    for name in start.arrayNames where !moved.contains(name) {
      #expect(try trainer.store.tensor(name) == start.tensor(name), "\(name) stays to the bit")
    }
  }

  /// From VisionCore's own start rounding grows step by step: the beginning is the same, then means over 30 steps.
  @Test("A training from nothing replays: 40 losses, parameters after 15 steps, then the course and the scores")
  func scratch() throws {
    let archive = try NpzArchive(path: Fixtures.shared("finetune/scratch.npz"))
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    let architecture = try TwinArchitecture(configuration: try #require(checkpoint.configuration), source: checkpoint)
    var start = try ParameterStore(checkpoint)
    for name in archive.arrayNames where name.hasPrefix("init/") {
      try start.set(String(name.dropFirst(5)), to: archive.tensor(name))
    }
    var trainer = try Trainer(
      architecture: architecture, source: start, heads: [0, 1],
      settings: TrainingSettings(weightDecay: 1e-4, clip: 1))
    let losses = try archive.doubles("loss")
    let sets = try RecordedSet.both()
    var found: [Double] = []
    for (index, step) in try RecordedBatches(archive).steps.enumerated() {
      found.append(try trainer.take(step, from: sets).loss)
      if index < 40 { #expect(abs(found[index] - losses[index]) <= 1e-3 * abs(losses[index]), "loss of step \(index)") }
      guard index == 14 else { continue }
      for name in archive.arrayNames where name.hasPrefix("at15/") {
        let (theirs, before) = (try archive.tensor(name).values, try start.tensor(String(name.dropFirst(5))).values)
        let ours = try trainer.store.tensor(String(name.dropFirst(5))).values
        let way = zip(theirs, before).reduce(0) { max($0, abs($1.0 - $1.1)) }
        let worst = zip(ours, theirs).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(worst <= 0.1 * way + 3e-5, "\(name): off by \(worst), it moved by \(way)")
      }
    }
    #expect(found.count == 150)
    for first in stride(from: 0, to: found.count, by: 30) {
      let (ours, theirs) = (found[first..<first + 30].reduce(0, +) / 30, losses[first..<first + 30].reduce(0, +) / 30)
      #expect(abs(ours - theirs) <= 0.005, "steps \(first) to \(first + 29)")
    }
    for score in try Validation.scores(architecture, trainer.store, on: sets) {
      let theirs = try archive.doubles("bps_after/\(score.session)").filter(\.isFinite)
      let expected = theirs.reduce(0, +) / Double(theirs.count)
      #expect(abs(try #require(score.bitsPerSpike) - expected) <= 0.03, "\(score.session)")
    }
  }

  @Test("Readout biases that start at the mean counts are those of VisionCore's trainer")
  func startingBias() throws {
    let archive = try NpzArchive(path: Fixtures.shared("finetune/scratch.npz"))
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    let architecture = try TwinArchitecture(configuration: try #require(checkpoint.configuration), source: checkpoint)
    var store = try ParameterStore(checkpoint)
    try StartingBias.set(&store, of: architecture, from: RecordedSet.both())
    for name in ["readouts.0.bias", "readouts.1.bias"] {
      let theirs = try archive.tensor("init/\(name)").values
      #expect(zip(try store.tensor(name).values, theirs).allSatisfy { abs($0 - $1) < 1e-4 }, "\(name)")
    }
    #expect(try store.tensor("readouts.0.mean") == checkpoint.tensor("readouts.0.mean"))
  }

  @Test("The same training gives the same bits, whatever the batches are worked on by")
  func deterministic() throws {
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    let architecture = try TwinArchitecture(configuration: try #require(checkpoint.configuration), source: checkpoint)
    let sets = try RecordedSet.both()
    let order = SampledBatches(
      frames: sets.map(\.trainingFrames), composition: .mixed, batchSize: 16, microBatchCount: 2, seed: 7)
    func trained() throws -> Trainer {
      var trainer = try Trainer(
        architecture: architecture, source: checkpoint, heads: [0, 1], settings: TrainingSettings())
      for index in 0..<3 { try trainer.take(order.step(index), from: sets) }
      return trainer
    }
    let (first, second) = (try trained(), try trained())
    for name in first.store.arrayNames {
      #expect(
        try first.store.tensor(name).values.map(\.bitPattern) == second.store.tensor(name).values.map(\.bitPattern))
    }
  }

  @Test("A value that is not finite ends the step before anything moves, and the message names its tensor")
  func notFinite() throws {
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    let architecture = try TwinArchitecture(configuration: try #require(checkpoint.configuration), source: checkpoint)
    var start = try ParameterStore(checkpoint)
    var bias = try start.tensor("readouts.0.bias")
    bias.values[3] = .nan
    try start.set("readouts.0.bias", to: bias)
    let sets = try RecordedSet.both()
    var trainer = try Trainer(architecture: architecture, source: start, heads: [0], settings: TrainingSettings())
    let step = TrainingStep(
      epoch: 0, microBatches: [[.init(dataset: 0, frames: Array(sets[0].trainingFrames.prefix(8)))]])
    let failure = try #require(throws: Failure.self) { try trainer.take(step, from: sets) }
    #expect(failure.message.contains("step 1: the loss is nan; `readouts.0.bias` holds a value that is not finite"))
    #expect(trainer.stepsDone == 0)
    #expect(try trainer.store.tensor("readouts.1.bias") == start.tensor("readouts.1.bias"))
  }
}
