/// What a training does, beside its data and its batches.
public struct TrainingSettings: Sendable {
  public enum OptimiserKind: String, Sendable, CaseIterable { case adamw, sgd, lbfgs }

  public var optimiser: OptimiserKind
  /// Full learning rate of adapters, recurrent part and readouts.
  public var learningRate: Double
  /// Factor on it for frontend, convnet and modulator.
  public var coreScale: Double
  /// Decoupled weight decay of weights with more than one axis.
  public var weightDecay: Double
  /// Largest norm of the gradient over all trained parameters; longer ones are scaled down. Nil for no limit.
  public var clip: Double?
  public var schedule: LearningRateSchedule
  /// Whether the model's proximal steps are taken.
  public var usesProximalSteps: Bool
  public var objective: Objective
  /// Penalties on the kernels of the frontend as they act.
  public var kernelPenalties: [WeightedKernelPenalty] = []
  /// Whether every step ends by projecting the frontend's stored kernels so that those that act sum to 0.
  public var zeroSumKernels = false
  /// Seed of dropout.
  public var seed: UInt32

  public init(
    optimiser: OptimiserKind = .adamw, learningRate: Double = 1e-3, coreScale: Double = 1, weightDecay: Double = 1e-5,
    clip: Double? = 1, schedule: LearningRateSchedule = .constant, usesProximalSteps: Bool = true,
    objective: Objective = .init(), seed: UInt32 = 1002
  ) {
    self.optimiser = optimiser
    self.learningRate = learningRate
    self.coreScale = coreScale
    self.weightDecay = weightDecay
    self.clip = clip
    self.schedule = schedule
    self.usesProximalSteps = usesProximalSteps
    self.objective = objective
    self.seed = seed
  }
}
