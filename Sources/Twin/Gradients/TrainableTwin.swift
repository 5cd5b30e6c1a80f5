import Base
import Formats
import Kernels
import Layers

/// Gradients of a loss for one batch of one head.
public struct TwinGradients: Sendable {
  public var loss: Double
  /// `[batch, cell]`: expected counts per bin, or their logarithm, in the mode that was used.
  public var outputs: Tensor
  /// By parameter; a parameter that no gradient reaches in training is absent.
  public var parameters: Gradients
  /// As the stimulus that was given: `[batch, channel, time, height, width]`; nil where none was.
  public var stimulus: Tensor?
  /// As the frames that were given, `[frame, channel, height, width]`, summed over the windows that share them.
  public var frames: Tensor?
  /// As the behaviour that was given.
  public var behavior: Tensor?
  /// As the spike history that was given.
  public var history: Tensor?
  /// Buffers after the forward pass, by name; only in train mode.
  public var updated: [String: Tensor]
}

/// A twin built for training: its layers keep what their gradients need.
public struct TrainableTwin: Sendable {
  /// From the outputs `[batch, cell]` to a loss and its gradient.
  public typealias LossFunction = (Tensor) throws -> (loss: Double, gradient: Tensor)

  let network: TwinNetwork
  /// Parameters whose gradients are asked for; nil for all.
  let trained: Set<String>?
  /// Whether gradients of the inputs are asked for.
  private let reachesInputs: Bool

  public var architecture: TwinArchitecture { network.architecture }

  /// - Parameters:
  ///   - trained: parameters whose gradients are asked for: nothing is computed for others. All where nil.
  ///   - reachesInputs: whether gradients of the inputs are asked for; where all parameters' are, if nil.
  /// - Throws: as `TwinNetwork`.
  public init(
    architecture: TwinArchitecture, source: any ArraySource, heads: [Int]? = nil, trained: Set<String>? = nil,
    reachesInputs: Bool? = nil, backend: any Backend = Backends.standard
  ) throws {
    network = try TwinNetwork(
      architecture: architecture, source: source, heads: heads, backend: backend, purpose: .training)
    self.trained = trained
    self.reachesInputs = reachesInputs ?? (trained == nil)
  }

  private init(_ network: TwinNetwork, trained: Set<String>?, reachesInputs: Bool) {
    self.network = network
    self.trained = trained
    self.reachesInputs = reachesInputs
  }

  /// The same core with adapters and readouts as `source` has them now.
  ///
  /// - Throws: as the initialiser.
  public func with(heads: [Int], from source: any ArraySource) throws -> TrainableTwin {
    TrainableTwin(
      try network.with(heads: heads, from: source, purpose: .training), trained: trained, reachesInputs: reachesInputs)
  }

  /// Loss and gradients for a batch.
  ///
  /// The samples go forward in groups, side by side; the objective sees the outputs of all; then the groups go back. Groups
  /// do not depend on the number of cores and are summed in order, so the same input and seed give the same bits. Where a
  /// batch norm uses the batch's own statistics, the whole batch is one group.
  ///
  /// - Parameters:
  ///   - seed: of dropout.
  /// - Throws: `mismatch` before anything runs where an input does not fit; what `objective` throws; `interrupted`.
  public func gradients(
    _ input: TwinInput, head: Int, mode: PassMode = .train, seed: UInt64 = 0, work: Work = .silent,
    objective: LossFunction
  ) throws -> TwinGradients {
    try gradients(
      TwinRun(network.layers, network.architecture, input, head: head), mode: mode, seed: seed, work: work,
      objective: objective
    ) { _ in
      nil
    }
  }

  func gradients(
    _ run: TwinRun, mode: PassMode, seed: UInt64, work: Work, objective: LossFunction,
    start: @Sendable (Range<Int>) -> TracedGroup.Start?
  ) throws -> TwinGradients {
    let input = run.input
    let lowest = reachesInputs ? .adapter : run.firstTrained(trained)
    let groups = mode != .eval && network.layers.hasBatchStatistics ? [0..<run.batch] : run.groups
    let traced = try Parallel.map(groups.count, work: work) { index in
      let pass = Pass(mode: mode, seed: seed, firstSample: groups[index].lowerBound, trained: trained)
      let group = try TracedGroup(
        run, groups[index], pass, work.cancellation, start: start(groups[index]), lowest: lowest)
      return Handed(pass, group)
    }
    let cells = run.head.readout.cellCount
    let outputs = Tensor(shape: [run.batch, cells], values: traced.flatMap(\.outputs))
    let (loss, gradient) = try objective(outputs)
    guard gradient.shape == outputs.shape else {
      throw Failure(.mismatch, "a gradient of shape \(gradient.shape) for outputs of shape \(outputs.shape)")
    }
    let inputs = try Parallel.map(groups.count, work: work) { index in
      try traced[index].pullback(gradient[rows: groups[index]].values)
    }
    var result = TwinGradients(loss: loss, outputs: outputs, parameters: Gradients(), updated: [:])
    for handed in traced {
      result.parameters.add(handed.pass.gradients)
      result.updated.merge(handed.pass.updated) { first, _ in first }
    }
    guard reachesInputs else { return result }
    if input.windows != nil {
      result.frames = windowGradient(run, groups, inputs)
    } else if run.layers.constantChannels == nil {
      result.stimulus = stimulusGradient(run, groups, inputs)
    }
    result.behavior = run.modulator == nil ? nil : behaviorGradient(run, inputs)
    result.history = run.head.history == nil ? nil : input.history.map { $0.filled(inputs.flatMap(\.history)) }
    return result
  }

  /// The first stage with a trained parameter.
  func firstTrained(head: Int) throws -> Stage {
    Stage.first(try network.layers.head(head), network.layers, trained)
  }

  private func stimulusGradient(_ run: TwinRun, _ groups: [Range<Int>], _ inputs: [TracedGroup.Inputs]) -> Tensor? {
    let size = run.size
    let values = zip(groups, inputs).flatMap { group, gradients in
      // Samples that share nothing lie `[time, sample]`.
      group.indices.flatMap { sample in
        Features(
          size,
          BlockGather.gather(
            gradients.frames?.values ?? [], size: size.frame,
            order: (0..<size.time).map { $0 * group.count + sample - group.lowerBound })
        ).channelsFirst
      }
    }
    return run.input.stimulus.map { $0.filled(values) }
  }

  private func windowGradient(_ run: TwinRun, _ groups: [Range<Int>], _ inputs: [TracedGroup.Inputs]) -> Tensor? {
    guard let windows = run.input.windows else { return nil }
    var sum = Tensor(zeros: windows.frames.shape)
    for (group, gradients) in zip(groups, inputs) {
      guard let frames = gradients.frames else { continue }
      for (place, frame) in run.frames(of: group, windows).enumerated() {
        Elementwise.add(
          frames.values, from: place * run.size.frame, to: &sum.values, at: frame * run.size.frame,
          count: run.size.frame)
      }
    }
    return sum
  }

  /// Behaviour of several time steps was averaged: each step gets its share.
  private func behaviorGradient(_ run: TwinRun, _ inputs: [TracedGroup.Inputs]) -> Tensor? {
    run.input.behavior.map { behavior in
      let columns = run.modulator?.behaviorCount ?? 1
      let steps = behavior.rowCount / columns
      let rows = inputs.flatMap(\.behavior)
      return behavior.filled(
        (0..<behavior.count).map { rows[$0 / (steps * columns) * columns + $0 % columns] / Float(steps) })
    }
  }

  /// What one thread hands to the next: a group and its pass, used by one thread at a time.
  private final class Handed: @unchecked Sendable {
    let pass: Pass
    let outputs: [Float]
    private var group: TracedGroup?

    init(_ pass: Pass, _ group: TracedGroup) {
      self.pass = pass
      self.group = group
      outputs = group.outputs
    }

    /// To be called once: what the way back needs is freed by the thread that has taken it, not by one thread for all groups.
    func pullback(_ gradient: [Float]) throws -> TracedGroup.Inputs {
      guard let group = group.take() else { preconditionFailure("a group goes back once") }
      return try group.pullback(gradient)
    }
  }
}

extension Tensor {
  /// Other values in this shape.
  fileprivate func filled(_ values: [Float]) -> Tensor { Tensor(shape: shape, values: values) }
}

extension TwinLayers {
  /// Whether a norm uses the batch's own statistics in training.
  var hasBatchStatistics: Bool { storedTensors.contains { $0.isBuffer && $0.name.hasSuffix(".running_mean") } }
}
