/// What one step of the optimiser is computed from.
public struct TrainingStep: Sendable, Equatable {
  /// Frames of one data set, which go through the twin together.
  public struct Part: Sendable, Equatable {
    /// Place of the data set in the trainer's list.
    public var dataset: Int
    /// Frames of its recording.
    public var frames: [Int]

    public init(dataset: Int, frames: [Int]) {
      self.dataset = dataset
      self.frames = frames
    }
  }

  /// Which epoch it belongs to, from 0: schedules follow it.
  public var epoch: Int
  /// The parts of each micro batch. The loss of a micro batch is the mean over its parts, that of the step the mean over its
  /// micro batches.
  public var microBatches: [[Part]]
  /// A learning rate for each group of parameters, in place of the schedule's.
  public var rates: [Double]?

  public init(epoch: Int, microBatches: [[Part]], rates: [Double]? = nil) {
    self.epoch = epoch
    self.microBatches = microBatches
    self.rates = rates
  }

  public var frameCount: Int { microBatches.joined().reduce(0) { $0 + $1.frames.count } }
}

/// An order in which a trainer sees its data.
public protocol BatchOrder: Sendable {
  /// Steps in all; nil where the order goes on for ever.
  var stepCount: Int? { get }

  /// The step at an index from 0. The same index gives the same step.
  func step(_ index: Int) -> TrainingStep

  /// The epoch of the step at an index from 0.
  func epoch(ofStep index: Int) -> Int
}

extension BatchOrder {
  public func epoch(ofStep index: Int) -> Int { step(index).epoch }
}
