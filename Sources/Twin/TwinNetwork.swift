import Base
import Formats
import Kernels

/// A twin with its weights: from stimulus windows to rates.
public struct TwinNetwork: Sendable {
  /// What a twin is given.
  public struct Input: Sendable {
    /// `[batch, channel, time, height, width]`, normalised ((pixel - 127) / 255), time index 0 the newest frame.
    public var stimulus: Tensor?
    /// `[batch, column]`, or `[batch, time, column]` to be averaged over time.
    public var behavior: Tensor?
    /// `[batch, lag, cell]`
    public var history: Tensor?
    /// Leave the modulator out although the twin has one.
    public var skipsBehavior: Bool

    public init(
      stimulus: Tensor? = nil, behavior: Tensor? = nil, history: Tensor? = nil, skipsBehavior: Bool = false
    ) {
      self.stimulus = stimulus
      self.behavior = behavior
      self.history = history
      self.skipsBehavior = skipsBehavior
    }
  }

  public struct Output: Sendable {
    /// `[batch, cell]`: expected counts per bin, or their logarithm where `outputIsLogRate`.
    public var rates: Tensor
    /// `s_adapter`, `s_frontend`, `s_convnet`, `s_modulator`, `s_recurrent` `[batch, channel, time, height, width]`;
    /// `s_readout`, `s_history` `[batch, cell]`. Empty unless asked for.
    public var stages: [(name: String, tensor: Tensor)]
  }

  public let architecture: TwinArchitecture
  private let layers: TwinLayers

  /// Reads the weights, once, of the core and of `heads` (all of them if nil).
  ///
  /// - Throws: `missing`, `mismatch` or `format` for tensors that are not there, do not fit or can't be read.
  public init(architecture: TwinArchitecture, source: any ArraySource, heads: [Int]? = nil) throws {
    self.architecture = architecture
    layers = try TwinLayers(
      architecture.configuration, source: source, loads: true, heads: architecture.headConfigurations,
      only: heads.map(Set.init))
    for head in heads ?? [] { _ = try layers.head(head) }
  }

  /// Rates of one head's cells for every sample, in parallel over samples.
  ///
  /// - Throws: `mismatch` before anything runs where an input does not fit; `interrupted`.
  public func forward(_ input: Input, head: Int, stages: Bool = false, work: Work = .silent) throws -> Output {
    let run = try Run(self, input, head: head)
    let readout = run.head.readout.prepared(height: run.shapes.recurrent.height, width: run.shapes.recurrent.width)
    let results = try Parallel.map(run.batch, work: work) { sample in
      var kept = Kept(isOn: stages)
      let features = run.core(sample, &kept)
      var rates = readout.forward(features.lastStep)
      kept.add("s_readout", [rates.count], rates)
      if let encoder = run.head.history {
        let past = encoder.perceptron(run.history(sample))
        kept.add("s_history", [past.count], past)
        for index in rates.indices { rates[index] += past[index] }
      }
      return (rates: finish(rates, run.head), stages: kept.stages)
    }
    let cells = run.head.readout.cellCount
    var output = Output(rates: Tensor(shape: [run.batch, cells], values: results.flatMap(\.rates)), stages: [])
    for index in results.first?.stages.indices ?? 0..<0 {
      let (name, shape, _) = results[0].stages[index]
      output.stages.append(
        (name, Tensor(shape: [run.batch] + shape, values: results.flatMap { $0.stages[index].values })))
    }
    return output
  }

  /// What the readout reads: the core's features at the last time step.
  ///
  /// Shapes: `[batch, channel, height, width]`.
  ///
  /// - Throws: as `forward`.
  public func coreFeatures(_ input: Input, head: Int, work: Work = .silent) throws -> Tensor {
    let run = try Run(self, input, head: head, readsHistory: false)
    let maps = try Parallel.map(run.batch, work: work) { sample in
      var kept = Kept(isOn: false)
      return run.core(sample, &kept).lastStep
    }
    let shape = run.shapes.recurrent
    return Tensor(shape: [run.batch, shape.channels, shape.height, shape.width], values: maps.flatMap { $0 })
  }

  /// Rates from core features, without spike history.
  ///
  /// Shapes: `[batch, channel, height, width]` -> `[batch, cell]`.
  ///
  /// - Throws: `mismatch` where the features do not fit the readout.
  public func readout(features: Tensor, head: Int) throws -> Tensor {
    let own = try layers.head(head)
    guard features.rank == 4 else {
      throw Failure(.mismatch, "core features have four axes (batch, channel, height, width), not \(features.shape)")
    }
    let shape = FeatureShape(
      channels: features.shape[1], time: 1, height: features.shape[2], width: features.shape[3])
    try own.readout.check(shape)
    let prepared = own.readout.prepared(height: shape.height, width: shape.width)
    let rates = try Parallel.map(features.shape[0]) { sample in
      finish(prepared.forward(Array(features.values[sample * shape.count..<(sample + 1) * shape.count])), own)
    }
    return Tensor(shape: [features.shape[0], own.readout.cellCount], values: rates.flatMap { $0 })
  }

  /// Output activation, then the baseline.
  private func finish(_ rates: [Float], _ head: TwinLayers.Head) -> [Float] {
    let shape = FeatureShape(channels: rates.count, time: 1, height: 1, width: 1)
    var out = layers.outputActivation.forward(Features(shape, rates)).values
    if let baseline = head.baseline {
      let offset = layers.baselineActivation?.forward(Features(shape, baseline.values)).values ?? baseline.values
      for index in out.indices { out[index] += offset[index] }
    }
    return out
  }

  /// Stages of one sample, kept on request, `[channel, time, height, width]` each.
  private struct Kept {
    let isOn: Bool
    var stages: [(name: String, shape: [Int], values: [Float])] = []

    mutating func add(_ name: String, _ shape: [Int], _ values: @autoclosure () -> [Float]) {
      if isOn { stages.append((name, shape, values())) }
    }

    mutating func add(_ name: String, _ features: Features) {
      let shape = features.shape
      add(name, [shape.channels, shape.time, shape.height, shape.width], features.channelsFirst)
    }
  }

  /// One call with its inputs checked.
  private struct Run: Sendable {
    let layers: TwinLayers
    let head: TwinLayers.Head
    let input: Input
    let batch: Int
    let size: FeatureShape
    let shapes: TwinArchitecture.StageShapes
    let modulator: (any Modulator)?

    init(_ network: TwinNetwork, _ input: Input, head index: Int, readsHistory: Bool = true) throws {
      layers = network.layers
      head = try layers.head(index)
      self.input = input
      if let stimulus = input.stimulus, layers.constantChannels == nil {
        guard stimulus.rank == 5 else {
          throw Failure(
            .mismatch, "a stimulus has five axes (batch, channel, time, height, width), not \(stimulus.shape)")
        }
        batch = stimulus.shape[0]
        size = FeatureShape(
          channels: stimulus.shape[1], time: stimulus.shape[2], height: stimulus.shape[3], width: stimulus.shape[4])
      } else if let constant = layers.constantChannels {
        batch = (input.behavior ?? input.history ?? input.stimulus)?.shape.first ?? 1
        size = FeatureShape(channels: constant, time: 1, height: 1, width: 1)
      } else {
        throw Failure(.missing, "this twin needs a stimulus")
      }
      modulator = input.skipsBehavior ? nil : layers.modulator
      if let modulator {
        guard let behavior = input.behavior else {
          throw Failure(
            .missing,
            "this twin needs behaviour: its modulator (\(modulator.detail)) reads \(modulator.behaviorCount) columns",
            hint: "give behaviour, or leave the modulator out by --no-behavior")
        }
        guard [2, 3].contains(behavior.rank), behavior.shape[0] == batch,
          behavior.shape.last == modulator.behaviorCount
        else {
          throw Failure(
            .mismatch, "behaviour of shape \(behavior.shape) for \(batch) samples of \(modulator.behaviorCount) columns"
          )
        }
      }
      if let encoder = head.history, readsHistory {
        guard let history = input.history else {
          throw Failure(.missing, "this twin needs spike history: \(encoder.lags) lags of \(encoder.cells) cells")
        }
        guard history.shape.first == batch, history.rowCount == encoder.lags * encoder.cells else {
          throw Failure(
            .mismatch,
            "history of shape \(history.shape) for \(batch) samples of \(encoder.lags) lags and \(encoder.cells) cells")
        }
      }
      shapes = try network.architecture.shapes(size, head: index, withBehavior: modulator != nil)
    }

    func history(_ sample: Int) -> [Float] { input.history?[row: sample].values ?? [] }

    /// From the stimulus to the recurrent part.
    func core(_ sample: Int, _ kept: inout Kept) -> Features {
      let start: Features
      if layers.constantChannels == nil, let stimulus = input.stimulus {
        start = Features(
          channelsFirst: stimulus.values[sample * size.count..<(sample + 1) * size.count], shape: size)
      } else {
        start = Features(size, [Float](repeating: 1, count: size.count))
      }
      let adapted = head.adapter.forward(start)
      kept.add("s_adapter", adapted)
      let front = layers.frontend.forward(adapted)
      kept.add("s_frontend", front)
      var features = layers.convnet.forward(front)
      kept.add("s_convnet", features)
      if let modulator {
        features = modulator.forward(features, behavior: behavior(sample, modulator.behaviorCount))
        kept.add("s_modulator", features)
      }
      features = layers.recurrent.forward(features)
      kept.add("s_recurrent", features)
      return features
    }

    /// One row of behaviour; several time steps are averaged.
    private func behavior(_ sample: Int, _ count: Int) -> [Float] {
      guard let row = input.behavior?[row: sample], row.count > count else {
        return input.behavior?[row: sample].values ?? []
      }
      let steps = row.count / count
      return (0..<count).map { column in
        Float((0..<steps).reduce(0.0) { $0 + Double(row.values[$1 * count + column]) } / Double(steps))
      }
    }
  }
}
