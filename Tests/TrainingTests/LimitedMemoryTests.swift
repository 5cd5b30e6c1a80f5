import Base
import Formats
import Layers
import Recordings
import TestSupport
import Testing
import Training
import Twin

@Suite("L-BFGS", .enabled(if: Fixtures.hasShared))
struct LimitedMemoryTests {
  private func trainer(_ checkpoint: Checkpoint, frozen: Set<Part>) throws -> Trainer {
    let architecture = try TwinArchitecture(configuration: try #require(checkpoint.configuration), source: checkpoint)
    return try Trainer(
      architecture: architecture, source: checkpoint, heads: [0],
      settings: TrainingSettings(
        optimiser: .lbfgs, learningRate: 1, weightDecay: 0, clip: nil, usesProximalSteps: false),
      isFrozen: { frozen.contains($0.part) })
  }

  @Test("On fixed frames it gets below what AdamW reaches in as many steps, and frozen parts stay to the bit")
  func readouts() throws {
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    let set = try RecordedSet(session: "Sim_2025-01-10", head: 0)
    let frozen: Set<Part> = [.adapter, .frontend, .convnet, .modulator, .recurrent]
    let order = FixedBatch(frames: [set.trainingFrames], size: 64, seed: 3)
    var quasi = try trainer(checkpoint, frozen: frozen)
    var adam = try Trainer(
      architecture: quasi.architecture, source: checkpoint, heads: [0],
      settings: TrainingSettings(learningRate: 1e-2, weightDecay: 0, clip: nil, usesProximalSteps: false),
      isFrozen: { frozen.contains($0.part) })
    var losses: [Double] = []
    for index in 0..<12 {
      losses.append(try quasi.take(order.step(index), from: [set]).loss)
      try adam.take(order.step(index), from: [set])
    }
    for (earlier, later) in zip(losses, losses.dropFirst()) { #expect(later <= earlier) }
    #expect(try quasi.take(order.step(12), from: [set]).loss < adam.take(order.step(12), from: [set]).loss)
    #expect(quasi.stepsDone == 13)
    for name in checkpoint.arrayNames where !name.hasPrefix("readouts.0.") {
      #expect(try quasi.store.tensor(name) == checkpoint.tensor(name), "\(name)")
    }
  }

  @Test("All frames are seen once a step, in parts of nearly one size; a fixed batch stays the same")
  func fixedBatch() {
    let frames = [Array(0..<1000), Array(0..<700)]
    let whole = FixedBatch(frames: frames, size: nil, seed: 1).step(5)
    for dataset in 0..<2 {
      let parts = whole.microBatches.compactMap { $0.first { $0.dataset == dataset } }
      #expect(parts.flatMap(\.frames) == frames[dataset])
      #expect(Set(parts.map(\.frames.count)).count <= 2 && parts.allSatisfy { $0.frames.count <= 256 })
    }
    let some = FixedBatch(frames: frames, size: 100, seed: 1)
    #expect(some.step(0).frameCount == 100)
    #expect(some.step(0).microBatches == some.step(9).microBatches && some.step(9).epoch == 9)
    #expect(some != FixedBatch(frames: frames, size: 100, seed: 2))
  }
}
