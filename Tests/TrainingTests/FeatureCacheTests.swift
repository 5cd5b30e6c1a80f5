import Base
import Formats
import Layers
import Synchronization
import TestSupport
import Testing
import Training
import Twin

/// Parts of a twin that training does not change.
@Suite("Frozen parts", .enabled(if: Fixtures.hasShared))
struct FeatureCacheTests {
  private static let frozen: Set<Part> = [.adapter, .frontend, .convnet, .modulator, .recurrent]

  private func start() throws -> (architecture: TwinArchitecture, store: ParameterStore) {
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    return (
      try TwinArchitecture(configuration: try #require(checkpoint.configuration), source: checkpoint),
      try ParameterStore(checkpoint)
    )
  }

  private func steps(_ sets: [RecordedSet]) -> [TrainingStep] {
    // The second step shows some frames of the first again, in another order.
    [0..<12, 6..<20, 0..<20].map { rows in
      TrainingStep(
        epoch: 0,
        microBatches: [
          sets.indices.map { .init(dataset: $0, frames: Array(sets[$0].trainingFrames[rows].reversed())) }
        ])
    }
  }

  private func trained(featureBytes: Int, _ sets: [any TrainingSet], _ steps: [TrainingStep], frozen: Set<Part>) throws
    -> (trainer: Trainer, losses: [Double])
  {
    let (architecture, store) = try start()
    var trainer = try Trainer(
      architecture: architecture, source: store, heads: [0, 1], settings: TrainingSettings(),
      isFrozen: { frozen.contains($0.part) }, featureBytes: featureBytes)
    return (trainer, try steps.map { try trainer.take($0, from: sets).loss })
  }

  private func expectSame(_ a: Trainer, _ b: Trainer) throws {
    for name in a.store.arrayNames {
      let (one, other) = (try a.store.tensor(name).values, try b.store.tensor(name).values)
      #expect(one.map(\.bitPattern) == other.map(\.bitPattern), "\(name)")
    }
  }

  @Test("Features that are kept give the bits of those that are computed in every step", arguments: [0, 40_000])
  func keptFeaturesGiveTheSameBits(_ bytes: Int) throws {
    let sets = try RecordedSet.both()
    let kept = try trained(featureBytes: 1 << 30, sets, steps(sets), frozen: Self.frozen)
    let again = try trained(featureBytes: bytes, sets, steps(sets), frozen: Self.frozen)
    #expect(kept.losses == again.losses)
    try expectSame(kept.trainer, again.trainer)
    let (_, before) = try start()
    for name in before.arrayNames where !name.hasPrefix("readouts") {
      #expect(try kept.trainer.store.tensor(name) == before.tensor(name), "\(name) stays to the bit")
    }
  }

  @Test("A frame's input is read once however often it is shown")
  func aFramesInputIsReadOnce() throws {
    let sets = try RecordedSet.both().map(CountingSet.init)
    _ = try trained(featureBytes: 1 << 30, sets, steps(sets.map(\.own)), frozen: Self.frozen)
    for set in sets {
      #expect(set.read.withLock { $0.count } == 20)
      #expect(Set(set.read.withLock { $0 }).count == 20)
    }
  }

  @Test("From features on, loss and gradients are those of the whole twin")
  func fromFeaturesOn() throws {
    let (architecture, store) = try start()
    let set = try RecordedSet.both()[0]
    let batch = try set.batch(Array(set.trainingFrames.prefix(9)))
    let whole = try TrainableTwin(architecture: architecture, source: store, heads: [0])
    func objective(_ outputs: Tensor) -> (loss: Double, gradient: Tensor) {
      (
        outputs.values.reduce(0) { $0 + Double($1) },
        Tensor(shape: outputs.shape, values: outputs.values.indices.map { Float($0 % 5) - 1.5 })
      )
    }
    let expected = try whole.gradients(batch.input, head: 0, objective: objective)
    for parts in [[Part.readout], [.recurrent, .readout], [.convnet], [.adapter], [.frontend, .readout]] {
      let names = Set(
        architecture.parameters.filter { parts.contains($0.part) && $0.head ?? 0 == 0 }.map(\.name))
      let twin = try TrainableTwin(architecture: architecture, source: store, heads: [0], trained: names)
      let found: TwinGradients
      if let features = try twin.frozenFeatures(batch.input, head: 0) {
        #expect(!parts.contains(.convnet) && !parts.contains(.adapter) && !parts.contains(.frontend))
        found = try twin.gradients(from: features, head: 0, objective: objective)
      } else {
        #expect(!twin.keepsFeatures(of: 0))
        found = try twin.gradients(batch.input, head: 0, objective: objective)
      }
      #expect(abs(found.loss - expected.loss) <= 1e-6 * abs(expected.loss))
      #expect(!found.parameters.names.isEmpty && found.parameters.names.allSatisfy(names.contains))
      for name in expected.parameters.names where names.contains(name) {
        let (theirs, ours) = (try #require(expected.parameters[name]), try #require(found.parameters[name]))
        let largest = theirs.values.reduce(0) { max($0, abs($1)) }
        #expect(zip(ours.values, theirs.values).allSatisfy { abs($0 - $1) <= 1e-4 * largest + 1e-7 }, "\(name)")
      }
    }
  }
}

/// Remembers which frames' inputs were read.
private final class CountingSet: TrainingSet {
  let own: RecordedSet
  let read = Mutex<[Int]>([])

  init(_ own: RecordedSet) { self.own = own }

  var label: String { own.label }
  var session: String { own.session }
  var head: Int { own.head }
  var cids: [Int] { own.cids }
  var trainingFrames: [Int] { own.trainingFrames }
  var validationFrames: [Int] { own.validationFrames }
  var meanCounts: [Double?] { own.meanCounts }

  func batch(_ frames: [Int]) throws -> TrainingBatch {
    read.withLock { $0 += frames }
    return try own.batch(frames)
  }

  func responses(_ frames: [Int]) throws -> TrainingBatch {
    var batch = try own.batch(frames)
    batch.input = .init()
    return batch
  }
}
