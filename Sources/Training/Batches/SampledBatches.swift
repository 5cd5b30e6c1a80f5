import Base

/// An order of batches drawn by a seed: every pass over the data shows each frame once, in a new order.
public struct SampledBatches: BatchOrder, Equatable {
  /// How a batch is put together.
  public enum Composition: String, Sendable, CaseIterable {
    /// Frames of one session; sessions take turns by chance, as often as their size says.
    case sessions
    /// Frames of all sessions in proportion to their sizes, each session's part with a pass of its own.
    case mixed
  }

  private let frames: [[Int]]
  private let composition: Composition
  private let batchSize: Int
  private let microBatchCount: Int
  private let seed: UInt32
  public let stepsPerEpoch: Int
  /// Batches in one pass over the data.
  public let batchesPerPass: Int

  public var stepCount: Int? { nil }

  /// - Parameters:
  ///   - frames: the training frames of each data set.
  ///   - batchSize: frames of a micro batch; the last of a pass may be smaller.
  ///   - microBatchCount: micro batches whose gradients are averaged for a step.
  ///   - stepsPerEpoch: nil for one pass over the data.
  /// - Precondition: a frame to train on, and counts of at least 1.
  public init(
    frames: [[Int]], composition: Composition, batchSize: Int, microBatchCount: Int = 1, seed: UInt32,
    stepsPerEpoch: Int? = nil
  ) {
    let total = frames.reduce(0) { $0 + $1.count }
    precondition(total > 0 && batchSize > 0 && microBatchCount > 0 && stepsPerEpoch ?? 1 > 0, "nothing to draw from")
    self.frames = frames
    self.composition = composition
    self.batchSize = batchSize
    self.microBatchCount = microBatchCount
    self.seed = seed
    func batches(_ count: Int) -> Int { (count + batchSize - 1) / batchSize }
    batchesPerPass =
      composition == .mixed ? batches(total) : frames.reduce(0) { $0 + batches($1.count) }
    self.stepsPerEpoch = stepsPerEpoch ?? max(1, (batchesPerPass + microBatchCount - 1) / microBatchCount)
  }

  public func epoch(ofStep index: Int) -> Int { index / stepsPerEpoch }

  public func step(_ index: Int) -> TrainingStep {
    let first = index * microBatchCount
    var pass = first / batchesPerPass
    var batches = self.batches(pass: pass)
    let micros = (first..<first + microBatchCount).map { batch in
      if batch / batchesPerPass != pass {
        pass = batch / batchesPerPass
        batches = self.batches(pass: pass)
      }
      return batches[batch % batchesPerPass]
    }
    return TrainingStep(epoch: index / stepsPerEpoch, microBatches: micros)
  }

  private func batches(pass: Int) -> [[TrainingStep.Part]] {
    var generator = MersenneTwister(seed: seed &+ UInt32(truncatingIfNeeded: pass) &* 0x9e37_79b9)
    switch composition {
    case .sessions:
      let parts = frames.enumerated().flatMap { dataset, frames in
        cut(shuffled(frames, &generator)).map { TrainingStep.Part(dataset: dataset, frames: Array($0)) }
      }
      return shuffled(parts, &generator).map { [$0] }
    case .mixed:
      let all = frames.enumerated().flatMap { dataset, frames in frames.map { (dataset, $0) } }
      return cut(shuffled(all, &generator)).map { batch in
        batch.reduce(into: []) { parts, frame in
          if let index = parts.firstIndex(where: { $0.dataset == frame.0 }) {
            parts[index].frames.append(frame.1)
          } else {
            parts.append(TrainingStep.Part(dataset: frame.0, frames: [frame.1]))
          }
        }
      }
    }
  }

  private func shuffled<Item>(_ items: [Item], _ generator: inout MersenneTwister) -> [Item] {
    generator.permutation(items.count).map { items[$0] }
  }

  private func cut<Item>(_ items: [Item]) -> [ArraySlice<Item>] {
    stride(from: 0, to: items.count, by: batchSize).map { items[$0..<min($0 + batchSize, items.count)] }
  }
}
