import Base

/// What steps and validations of a training take, measured before its first step.
public struct TimeBudget: Sendable, Equatable {
  /// Seconds of a step: the median of a few.
  public let step: Double
  /// Seconds of a validation; 0 where there is none.
  public let validation: Double

  /// Steps that are timed, after one that is not: it fills caches.
  private static let timedSteps = 5
  /// Held-out frames of each set that are timed.
  private static let timedFrames = 512
  /// Share of the time that is left for keeping epochs and for slower steps than those that were timed.
  private static let reserve = 0.05

  public init(step: Double, validation: Double) {
    self.step = step
    self.validation = validation
  }

  /// Times a copy of the trainer, which is then forgotten.
  ///
  /// - Parameters:
  ///   - isEnough: asked after each step; timing ends early where it says so.
  /// - Throws: as a step.
  public init(
    timing trainer: Trainer, order: any BatchOrder, sets: [any TrainingSet], validates: Bool, work: Work,
    isEnough: () -> Bool = { false }
  ) throws {
    var copy = trainer
    var seconds: [Double] = []
    for index in 0..<min(1 + Self.timedSteps, order.stepCount ?? .max) {
      let started = ContinuousClock.now
      try copy.take(order.step(index), from: sets, work: Work(cancellation: work.cancellation))
      // A single step must do where there are no more.
      if index == 1 { seconds = [] }
      seconds.append(Self.seconds(since: started))
      if isEnough() { break }
    }
    step = seconds.sorted()[seconds.count / 2]
    let held = sets.reduce(0) { $0 + $1.validationFrames.count }
    let some = sets.map { FirstFrames($0, count: Self.timedFrames) }
    let timed = some.reduce(0) { $0 + $1.validationFrames.count }
    guard validates, timed > 0 else {
      validation = 0
      return
    }
    let started = ContinuousClock.now
    _ = try Validation.scores(trainer.architecture, trainer.store, on: some, work: work)
    validation = Self.seconds(since: started) * Double(held) / Double(timed)
  }

  /// Steps that fit into a time with their validations, at most `limit`.
  public func steps(within seconds: Double, order: any BatchOrder, validatesEvery: Int, limit: Int) -> Int {
    let room = seconds * (1 - Self.reserve)
    var (time, steps, epochs) = (0.0, 0, 0)
    while steps < limit, time + step + validation <= room {
      time += step
      steps += 1
      guard steps < limit, order.epoch(ofStep: steps) != order.epoch(ofStep: steps - 1) else { continue }
      epochs += 1
      if validatesEvery > 0, epochs % validatesEvery == 0 { time += validation }
    }
    return steps
  }

  private static func seconds(since start: ContinuousClock.Instant) -> Double {
    let passed = ContinuousClock.now - start
    return Double(passed.components.seconds) + Double(passed.components.attoseconds) * 1e-18
  }

  /// A set with fewer held-out frames.
  private struct FirstFrames: TrainingSet {
    let whole: any TrainingSet
    let validationFrames: [Int]

    init(_ whole: any TrainingSet, count: Int) {
      self.whole = whole
      validationFrames = Array(whole.validationFrames.prefix(count))
    }

    var label: String { whole.label }
    var session: String { whole.session }
    var head: Int { whole.head }
    var cids: [Int] { whole.cids }
    var trainingFrames: [Int] { whole.trainingFrames }
    var meanCounts: [Double?] { whole.meanCounts }
    func batch(_ frames: [Int]) throws -> TrainingBatch { try whole.batch(frames) }
  }
}
