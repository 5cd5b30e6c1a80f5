import Base
import Fitting
import Formats
import Layers
import Twin

/// Trains a twin step by step.
///
/// The same start, data, batches and settings give the same bits on any number of cores.
public struct Trainer: Sendable {
  /// What one step did.
  public struct StepRecord: Sendable, Equatable {
    /// Mean loss before the step, without penalties, in nats a bin.
    public var loss: Double
    /// Penalties of the model's `regularization:`, times their weights.
    public var penalties: [Regularisation.Value]
    /// Length of the gradient over all trained parameters, before it was clipped.
    public var gradientNorm: Double
    /// Learning rate of each group.
    public var rates: [Double]
  }

  /// Memory that features which training does not change may take.
  public static let standardFeatureBytes = 1 << 30

  public let architecture: TwinArchitecture
  public internal(set) var settings: TrainingSettings
  public let groups: [ParameterGroup]
  public internal(set) var store: ParameterStore
  public internal(set) var optimiser: any Optimiser
  /// What L-BFGS remembers; empty under other optimisers.
  public internal(set) var quasiNewton = LimitedMemoryBFGS()
  /// Steps that were taken.
  public internal(set) var stepsDone: Int
  public let regularisation: Regularisation
  /// Mean held-out losses of the epochs before, which a plateau schedule follows; nil for one that is undefined.
  public var heldOutLosses: [Double?] = []
  private let heads: [Int]
  private let trained: Set<String>
  private let features: FeatureCache
  /// The core, built once, where training does not change it.
  private let frozenCore: TrainableTwin?

  /// - Parameters:
  ///   - source: the tensors at the start.
  ///   - heads: heads that take part; tensors of others stay as they are.
  ///   - isFrozen: parameters that stay as they are.
  ///   - optimiser: a state to go on from.
  ///   - stepsDone: steps that were taken before, where a training goes on.
  ///   - featureBytes: memory for features of frames that training does not change; what does not fit is computed again.
  /// - Throws: `undefined` where nothing is left to train; `format` or `unsupported` for a `regularization:` that can't be
  ///   read; what reading throws.
  public init(
    architecture: TwinArchitecture, source: any ArraySource, heads: [Int], settings: TrainingSettings,
    isFrozen: (ParameterInfo) -> Bool = { _ in false }, optimiser: (any Optimiser)? = nil,
    stepsDone: Int = 0, featureBytes: Int = Trainer.standardFeatureBytes
  ) throws {
    self.architecture = architecture
    self.settings = settings
    self.stepsDone = stepsDone
    self.heads = Array(Set(heads)).sorted()
    let own = Set(heads)
    groups = ParameterGroup.of(architecture) { parameter in
      isFrozen(parameter) || parameter.head.map { !own.contains($0) } ?? false
    }
    guard !groups.isEmpty else {
      throw Failure(
        .undefined, "nothing is left to train: every parameter is frozen",
        hint: "unfreeze a part, e.g. `unfreeze TWIN readout`")
    }
    trained = Set(groups.flatMap(\.names))
    if settings.optimiser == .lbfgs {
      let sizes = Dictionary(uniqueKeysWithValues: architecture.parameters.map { ($0.name, $0.count) })
      let count = trained.reduce(0) { $0 + (sizes[$1] ?? 0) }
      guard count <= LimitedMemoryBFGS.mostValues else {
        throw Failure(
          .unsupported,
          "L-BFGS is for small parts: \(count) values would be trained, at most \(LimitedMemoryBFGS.mostValues) are possible",
          hint: "freeze the core, or train with --optimiser adamw")
      }
    }
    try Self.checkKernels(settings, architecture, trained)
    regularisation = try Regularisation(architecture.configuration["regularization"])
      .adding(pull: architecture.calibrationPull)
    store = try ParameterStore(source)
    self.optimiser = optimiser ?? Self.optimiser(settings.optimiser)
    features = FeatureCache(byteLimit: featureBytes)
    let moved = trained
    let trainsCore = architecture.parameters.contains { moved.contains($0.name) && $0.head == nil }
    frozenCore =
      trainsCore
      ? nil : try TrainableTwin(architecture: architecture, source: store, heads: self.heads, trained: trained)
  }

  /// A penalty or a projection that moves nothing is a mistake.
  private static func checkKernels(
    _ settings: TrainingSettings, _ architecture: TwinArchitecture, _ trained: Set<String>
  ) throws {
    guard settings.zeroSumKernels || !settings.kernelPenalties.isEmpty else { return }
    guard let filters = architecture.frontendFilters else { throw WeightedKernelPenalty.noKernels() }
    guard trained.contains(filters.name) else {
      throw Failure(
        .usage, "the frontend is frozen: a penalty or a projection on its kernels would do nothing",
        hint: "unfreeze it: `unfreeze TWIN frontend`")
    }
    if settings.zeroSumKernels, filters.isDelayed {
      throw Failure(
        .usage, "a learned delay moves the kernels after the projection: their sums would not stay at 0",
        hint: "edit the twin: --set frontend.params.zero_sum=mean")
    }
    if settings.zeroSumKernels, settings.optimiser == .lbfgs {
      throw Failure(
        .usage, "L-BFGS takes no step that a projection could follow: zero-sum kernels would do nothing",
        hint: "train with another --optimiser, or edit the twin: --set frontend.params.zero_sum=mean")
    }
  }

  /// A new optimiser, which remembers nothing.
  package static func optimiser(_ kind: TrainingSettings.OptimiserKind) -> any Optimiser {
    switch kind {
    case .adamw: AdamW()
    // L-BFGS moves all parameters together, and keeps its memory beside this.
    case .sgd, .lbfgs: SGD()
    }
  }

  /// Names of all parameters that training moves, in the order of their groups.
  public var trainedNames: [String] { groups.flatMap(\.names) }

  /// The learning rate of each group in a step.
  ///
  /// - Throws: `mismatch` where the step has rates for another number of groups.
  public func rates(of step: TrainingStep) throws -> [Double] {
    guard let given = step.rates else {
      return groups.map { group in
        settings.schedule.rate(
          base: settings.learningRate * (group.kind.isCore ? settings.coreScale : 1), epoch: step.epoch,
          heldOutLosses: heldOutLosses)
      }
    }
    guard given.count == groups.count else {
      throw Failure(
        .mismatch, "the recorded order has \(given.count) learning rates a step, the twin has \(groups.count) groups",
        hint: "groups: \(groups.map(\.kind.rawValue).joined(separator: "; ")); freeze or unfreeze parts to match")
    }
    return given
  }

  /// Takes one step.
  ///
  /// - Throws: `undefined` where the loss or a gradient is not finite, naming where it was first seen: nothing has changed
  ///   then; `interrupted`; what reading throws.
  @discardableResult
  public mutating func take(_ step: TrainingStep, from sets: [any TrainingSet], work: Work = .silent) throws
    -> StepRecord
  {
    if settings.optimiser == .lbfgs { return try iterate(step, from: sets, work: work) }
    let rates = try rates(of: step)
    let twin = try current()
    var gradients = Gradients()
    var updated: [String: Tensor] = [:]
    var loss = 0.0
    let microShare = 1 / Double(step.microBatches.count)
    for parts in step.microBatches {
      let share = microShare / Double(parts.count)
      for part in parts {
        let found = try self.gradients(of: part, share: share, twin, sets[part.dataset], work: work)
        loss += found.loss
        gradients.add(found.parameters)
        updated.merge(found.updated) { _, last in last }
      }
    }
    var penalties = try regularisation.penalties(epoch: step.epoch, of: store, names: trained, adding: &gradients)
    penalties += try WeightedKernelPenalty.values(
      of: settings.kernelPenalties, on: twin, names: trained, adding: &gradients)
    let norm = gradients.norm(of: trainedNames)
    guard loss.isFinite, norm.isFinite else { throw notFinite(loss, gradients) }
    gradients.scale(by: Gradients.clipFactor(norm: norm, limit: settings.clip))
    try move(by: gradients, rates: rates)
    try store.update(updated)
    if settings.usesProximalSteps {
      try regularisation.applyProximal(
        epoch: step.epoch, to: &store, names: trainedNames, optimiser: optimiser, rates: rates)
    }
    if settings.zeroSumKernels { try architecture.frontendFilters?.applyZeroSum(to: &store) }
    stepsDone += 1
    return StepRecord(loss: loss, penalties: penalties, gradientNorm: norm, rates: rates)
  }

  /// Loss and gradients of one part of a batch, times its share of the step.
  private func gradients(
    of part: TrainingStep.Part, share: Double, _ twin: TrainableTwin, _ set: any TrainingSet, work: Work
  ) throws -> TwinGradients {
    let seed = UInt64(settings.seed) &+ UInt64(stepsDone)
    let known = try features.features(of: part, in: set, twin, work: work)
    let batch =
      try known != nil && !twin.readsBesideFeatures(of: set.head)
      ? set.responses(part.frames) : set.batch(part.frames)
    let objective = try settings.objective.loss(
      batch, weights: settings.objective.cellWeights(set.meanCounts), isLogRate: architecture.outputIsLogRate)
    func scaled(_ outputs: Tensor) throws -> (loss: Double, gradient: Tensor) {
      var (loss, gradient) = try objective(outputs)
      let factor = Float(share)
      for index in gradient.values.indices { gradient.values[index] *= factor }
      return (loss * share, gradient)
    }
    if let known {
      return try twin.gradients(
        from: known, batch.input, head: set.head, seed: seed, work: work, objective: scaled)
    }
    return try twin.gradients(batch.input, head: set.head, seed: seed, work: work, objective: scaled)
  }

  /// The twin with the tensors of the store.
  private func current() throws -> TrainableTwin {
    do {
      if let frozenCore { return try frozenCore.with(heads: heads, from: store) }
      return try TrainableTwin(architecture: architecture, source: store, heads: heads, trained: trained)
    } catch let failure as Failure where stepsDone > 0 && failure.kind == .mismatch {
      // A layer refuses a value that a step has made.
      let reason = failure.message.replacing("\(store.origin): ", with: "")
      throw Failure(.undefined, "step \(stepsDone + 1): the training has diverged: \(reason)", hint: Self.remedy)
    }
  }

  static let remedy = "lower the learning rate or set --clip"

  private mutating func move(by gradients: Gradients, rates: [Double]) throws {
    for (group, rate) in zip(groups, rates) {
      let decay = group.kind.decays ? settings.weightDecay : 0
      for name in group.names {
        guard let gradient = gradients[name] else { continue }
        try store.change(name) {
          optimiser.update(&$0, gradient: gradient.values, of: name, rate: rate, decay: decay)
        }
      }
    }
  }

  /// Says where a number that is not finite was first seen: in a parameter, or else in a gradient.
  private func notFinite(_ loss: Double, _ gradients: Gradients) -> Failure {
    let bad = { (tensor: Tensor?) in tensor?.values.contains { !$0.isFinite } == true }
    let names = architecture.parameters.map(\.name)
    let place =
      names.first { bad(try? store.tensor($0)) }.map { "`\($0)` holds a value that is not finite" }
      ?? names.first { bad(gradients[$0]) }.map { "the gradient of `\($0)` is not finite" }
      ?? "its parameters are finite"
    return Failure(
      .undefined, "step \(stepsDone + 1): the loss is \(NumberText.of(loss)); \(place)",
      hint: Self.remedy)
  }
}
