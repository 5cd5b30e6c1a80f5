import Base

/// The same frames in every step, as L-BFGS needs them: all training frames, or some of them that a seed draws.
public struct FixedBatch: BatchOrder, Equatable {
  /// Frames that go through the twin together.
  private static let stretch = 256

  private let microBatches: [[TrainingStep.Part]]
  private let stepsPerEpoch: Int

  public var stepCount: Int? { nil }

  /// - Parameters:
  ///   - frames: the training frames of each data set.
  ///   - size: frames in all; nil for all of them.
  /// - Precondition: a frame to train on, and counts of at least 1.
  public init(frames: [[Int]], size: Int?, seed: UInt32, stepsPerEpoch: Int = 1) {
    let all = frames.enumerated().flatMap { dataset, frames in frames.map { (dataset: dataset, frame: $0) } }
    precondition(!all.isEmpty && size ?? 1 > 0 && stepsPerEpoch > 0, "nothing to draw from")
    self.stepsPerEpoch = stepsPerEpoch
    var own = frames
    if let size, size < all.count {
      var generator = MersenneTwister(seed: seed)
      let drawn = generator.permutation(all.count).prefix(size).map { all[$0] }
      own = frames.indices.map { dataset in drawn.filter { $0.dataset == dataset }.map(\.frame).sorted() }
    }
    // Every micro batch has nearly as many frames of a set as any other, so that their mean is that of the set.
    let count = own.reduce(1) { max($0, ($1.count + Self.stretch - 1) / Self.stretch) }
    microBatches = (0..<count).compactMap { micro in
      let parts = own.enumerated().compactMap { dataset, frames -> TrainingStep.Part? in
        let range = frames.count * micro / count..<frames.count * (micro + 1) / count
        return range.isEmpty ? nil : TrainingStep.Part(dataset: dataset, frames: Array(frames[range]))
      }
      return parts.isEmpty ? nil : parts
    }
  }

  public func step(_ index: Int) -> TrainingStep {
    TrainingStep(epoch: index / stepsPerEpoch, microBatches: microBatches)
  }
}
