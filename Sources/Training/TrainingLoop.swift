import Base
import Formats
import Twin

/// A training from epoch to epoch: steps, then a validation.
public struct TrainingLoop {
  /// What one epoch did.
  public struct Epoch: Sendable, Equatable {
    /// From 0.
    public var number: Int
    public var steps: Int
    /// Mean over its steps, each before the step.
    public var trainLoss: Double
    /// Learning rate of the heads, or of the core where no head is trained.
    public var rate: Double
    /// Largest gradient norm of its steps.
    public var gradientNorm: Double
    /// By session; empty where the epoch was not validated.
    public var validation: [Validation.Score]
  }

  public private(set) var trainer: Trainer
  public private(set) var curve = TrainingCurve()
  public private(set) var epochs: [Epoch] = []
  /// The tensors after the epoch with the best mean held-out bits/spike; nil before the first validation.
  public private(set) var best: (epoch: Int, bitsPerSpike: Double, store: ParameterStore)?
  /// The tensors after the last finished epoch.
  public private(set) var lastFinished: ParameterStore
  private let order: any BatchOrder
  private let sets: [any TrainingSet]
  private let stepLimit: Int
  private let validatesEvery: Int

  /// - Parameters:
  ///   - stepLimit: steps in all.
  ///   - validatesEvery: epochs from one validation to the next; the last epoch is always validated. 0 for no validation.
  /// - Throws: `mismatch` for a recorded order that names a data set or a frame that is not there.
  public init(
    _ trainer: Trainer, order: any BatchOrder, sets: [any TrainingSet], stepLimit: Int, validatesEvery: Int = 1
  ) throws {
    self.trainer = trainer
    self.order = order
    self.sets = sets
    self.stepLimit = min(stepLimit, order.stepCount ?? stepLimit)
    self.validatesEvery = validatesEvery
    lastFinished = trainer.store
    guard let count = order.stepCount else { return }
    for index in 0..<min(count, self.stepLimit) {
      for part in order.step(index).microBatches.joined() where !sets.indices.contains(part.dataset) {
        throw Failure(
          .mismatch, "the recorded order names data set \(part.dataset), and \(sets.count) are given",
          hint: "name the stimuli in the order of the recorded data sets, from 0")
      }
    }
  }

  public var stepCount: Int { stepLimit }
  public var isFinished: Bool { trainer.stepsDone >= stepLimit }

  /// Takes the steps of the next epoch and validates.
  ///
  /// - Parameter onStep: called after each step with the number of steps done and the loss.
  /// - Throws: what a step throws; the epochs before stay.
  public mutating func runEpoch(work: Work, onStep: (Int, Double) throws -> Void = { _, _ in }) throws -> Epoch? {
    guard !isFinished else { return nil }
    let number = order.step(trainer.stepsDone).epoch
    var records: [Trainer.StepRecord] = []
    trainer.heldOutLosses = epochs.filter { !$0.validation.isEmpty }.map { $0.validation.mean(\.loss) }
    while !isFinished {
      let step = order.step(trainer.stepsDone)
      guard step.epoch == number else { break }
      try work.cancellation.check()
      let record = try trainer.take(step, from: sets, work: Work(cancellation: work.cancellation))
      records.append(record)
      curve.add(record, groups: trainer.groups, step: trainer.stepsDone, epoch: number)
      try onStep(trainer.stepsDone, record.loss)
    }
    var epoch = Epoch(
      number: number, steps: records.count,
      trainLoss: records.reduce(0) { $0 + $1.loss } / Double(records.count), rate: records.last?.rates.last ?? 0,
      gradientNorm: records.reduce(0) { max($0, $1.gradientNorm) }, validation: [])
    if validatesEvery > 0, isFinished || (epochs.count + 1) % validatesEvery == 0 {
      epoch.validation = try Validation.scores(trainer.architecture, trainer.store, on: sets, work: work)
      curve.add(epoch.validation, step: trainer.stepsDone, epoch: number)
      if let score = epoch.validation.mean(\.bitsPerSpike), score > best?.bitsPerSpike ?? -.infinity {
        best = (number, score, trainer.store)
      }
    }
    epochs.append(epoch)
    lastFinished = trainer.store
    return epoch
  }
}
