import Base
import Formats

/// A training from epoch to epoch: steps, then a validation.
public struct TrainingLoop {
  public typealias Epoch = TrainingProgress.Epoch

  /// When a training ends, and how often it is validated.
  public struct Limits: Sendable, Equatable {
    /// Steps in all.
    public var steps: Int
    /// Epochs from one validation to the next; the last epoch is always validated. 0 for no validation.
    public var validatesEvery: Int
    /// Validations without a better mean held-out bits/spike after which the training ends; nil for no such end.
    public var patience: Int?
    /// No step begins after this moment; nil where time has no limit.
    public var deadline: ContinuousClock.Instant?

    public init(
      steps: Int, validatesEvery: Int = 1, patience: Int? = nil, deadline: ContinuousClock.Instant? = nil
    ) {
      self.steps = steps
      self.validatesEvery = validatesEvery
      self.patience = patience
      self.deadline = deadline
    }
  }

  public private(set) var trainer: Trainer
  public private(set) var progress: TrainingProgress
  private let order: any BatchOrder
  private let sets: [any TrainingSet]
  private let limits: Limits

  /// - Parameter progress: where a training goes on from; the trainer holds the tensors and the optimiser's state of then.
  /// - Throws: `mismatch` for a recorded order that names a data set or a frame that is not there.
  public init(
    _ trainer: Trainer, order: any BatchOrder, sets: [any TrainingSet], limits: Limits,
    from progress: TrainingProgress = .init()
  ) throws {
    self.trainer = trainer
    self.order = order
    self.sets = sets
    self.limits = limits
    self.progress = progress
    precondition(trainer.stepsDone == progress.stepsDone, "a trainer at the same step")
    guard let count = order.stepCount else { return }
    for index in 0..<min(count, limits.steps) {
      for part in order.step(index).microBatches.joined() where !sets.indices.contains(part.dataset) {
        throw Failure(
          .mismatch, "the recorded order names data set \(part.dataset), and \(sets.count) are given",
          hint: "name the stimuli in the order of the recorded data sets, from 0")
      }
    }
  }

  public var stepCount: Int { min(limits.steps, order.stepCount ?? limits.steps) }
  private var allStepsAreTaken: Bool { trainer.stepsDone >= stepCount }
  private var timeIsUp: Bool { limits.deadline.map { ContinuousClock.now >= $0 } ?? false }

  /// Scores the start on the held-out trials, once, where epochs are scored on them. It is no row of the curves.
  ///
  /// - Throws: as a validation.
  public mutating func scoreStart(work: Work) throws {
    guard limits.validatesEvery > 0, progress.epochs.isEmpty, progress.startBitsPerSpike == nil else { return }
    progress.startBitsPerSpike = try Validation.scores(trainer.architecture, trainer.store, on: sets, work: work)
      .mean(\.bitsPerSpike)
  }

  /// Takes the steps of the next epoch and validates. Its numbers are added to `progress` once all of that is done.
  ///
  /// - Parameter onStep: called after each step with the number of steps done and what the step did.
  /// - Returns: nil where the training has ended.
  /// - Throws: what a step throws; `progress` is that of the epochs before.
  public mutating func runEpoch(
    work: Work, onStep: (Int, Trainer.StepRecord) throws -> Void = { _, _ in }
  ) throws -> Epoch? {
    guard progress.end == nil, !allStepsAreTaken else { return nil }
    var next = progress
    let number = order.step(trainer.stepsDone).epoch
    var records: [Trainer.StepRecord] = []
    trainer.heldOutLosses = progress.epochs.filter { !$0.validation.isEmpty }.map { $0.validation.mean(\.loss) }
    while !allStepsAreTaken {
      let step = order.step(trainer.stepsDone)
      guard step.epoch == number, records.isEmpty || !timeIsUp else { break }
      try work.cancellation.check()
      let record = try trainer.take(step, from: sets, work: Work(cancellation: work.cancellation))
      records.append(record)
      next.add(step)
      next.curve.add(record, groups: trainer.groups, step: trainer.stepsDone, epoch: number)
      try onStep(trainer.stepsDone, record)
    }
    var epoch = Epoch(
      number: number, steps: records.count,
      trainLoss: records.reduce(0) { $0 + $1.loss } / Double(records.count), rate: records.last?.rates.last ?? 0,
      gradientNorm: records.reduce(0) { max($0, $1.gradientNorm) }, validation: [])
    try trainer.checkFinite()
    next.end = allStepsAreTaken ? .steps : timeIsUp ? .time : nil
    if limits.validatesEvery > 0, next.end != nil || (next.epochs.count + 1) % limits.validatesEvery == 0 {
      epoch.validation = try Validation.scores(trainer.architecture, trainer.store, on: sets, work: work)
      next.curve.add(epoch.validation, step: trainer.stepsDone, epoch: number)
    }
    try next.curve.addWeights(of: trainer, step: trainer.stepsDone, epoch: number)
    next.epochs.append(epoch)
    next.stepsDone = trainer.stepsDone
    if let score = epoch.validation.mean(\.bitsPerSpike), score > next.best?.bitsPerSpike ?? -.infinity {
      next.best = .init(place: next.epochs.count - 1, epoch: number, bitsPerSpike: score)
    }
    if next.end == nil, let patience = limits.patience, next.validationsWithoutGain >= patience { next.end = .patience }
    progress = next
    return epoch
  }
}
