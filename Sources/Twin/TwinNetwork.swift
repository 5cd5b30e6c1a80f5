import Base
import Formats
import Kernels
import Layers

/// A twin with its weights: from stimulus windows to rates.
public struct TwinNetwork: Sendable {
  public struct Output: Sendable {
    /// `[batch, cell]`: expected counts per bin, or their logarithm where `outputIsLogRate`.
    public var rates: Tensor
    /// `s_adapter`, `s_frontend`, `s_convnet`, `s_modulator`, `s_recurrent` `[batch, channel, time, height, width]`;
    /// `s_readout`, `s_history` `[batch, cell]`. Empty unless asked for.
    public var stages: [(name: String, tensor: Tensor)]
    /// Core time from stage to stage, summed over the cores that worked side by side.
    package var stageSeconds: [(name: String, seconds: Double)] = []
  }

  public let architecture: TwinArchitecture
  private(set) var layers: TwinLayers

  /// Reads the weights, once, of the core and of `heads` (all of them if nil).
  ///
  /// - Throws: `missing`, `mismatch` or `format` for tensors that are not there, do not fit or can't be read.
  public init(
    architecture: TwinArchitecture, source: any ArraySource, heads: [Int]? = nil,
    backend: any Backend = Backends.standard
  ) throws {
    try self.init(architecture: architecture, source: source, heads: heads, backend: backend, purpose: .inference)
  }

  init(
    architecture: TwinArchitecture, source: any ArraySource, heads: [Int]?, backend: any Backend,
    purpose: Weights.Purpose
  ) throws {
    self.architecture = architecture
    layers = try TwinLayers(
      architecture.configuration, source: source, purpose: purpose, backend: backend,
      heads: architecture.headConfigurations, only: heads.map(Set.init))
    for head in heads ?? [] { _ = try layers.head(head) }
  }

  /// Version of the numbers that come out: to be raised when a change of the code moves them, so that answers that were
  /// kept are made again.
  public static let numericsVersion = 6

  /// The same core, whose weights are shared, with the adapter and readout of another head.
  ///
  /// - Throws: as the initialiser.
  public func with(head: Int, from source: any ArraySource) throws -> TwinNetwork {
    try with(heads: [head], from: source, purpose: .inference)
  }

  func with(heads: [Int], from source: any ArraySource, purpose: Weights.Purpose) throws -> TwinNetwork {
    var other = self
    other.layers = try layers.with(
      heads: TwinLayers(
        architecture.configuration, source: source, purpose: purpose, loadsCore: false,
        heads: architecture.headConfigurations, only: Set(heads)))
    for head in heads { _ = try other.layers.head(head) }
    return other
  }

  /// Rates of one head's cells for every sample, in parallel over groups of samples.
  ///
  /// - Throws: `mismatch` before anything runs where an input does not fit; `interrupted`.
  public func forward(_ input: TwinInput, head: Int, stages: Bool = false, work: Work = .silent) throws -> Output {
    let run = try TwinRun(layers, architecture, input, head: head)
    let readout = run.head.readout.prepared(height: run.shapes.recurrent.height, width: run.shapes.recurrent.width)
    let groups = try run.mapGroups(work) { samples in
      var kept = TwinRun.Stages(isOn: stages)
      let features = try run.core(samples, work.cancellation, &kept)
      let results = samples.enumerated().map { index, sample in
        var rates = readout.forward(features.lastStep(index))
        kept.add("s_readout", index, [rates.count], rates)
        if let encoder = run.head.history {
          let past = encoder.perceptron(run.history(sample))
          kept.add("s_history", index, [past.count], past)
          for cell in rates.indices { rates[cell] += past[cell] }
        }
        var finished = finish(rates, run.head)
        run.head.calibration?.apply(
          to: &finished, stimulus: input.stimulusName, statistics: features.statistics?.values[index])
        return (rates: finished, stages: kept.samples[index])
      }
      return (results: results, seconds: kept.seconds)
    }
    let results = groups.flatMap(\.results)
    let cells = run.head.readout.cellCount
    var output = Output(rates: Tensor(shape: [run.batch, cells], values: results.flatMap(\.rates)), stages: [])
    for (index, stage) in (groups.first?.seconds ?? []).enumerated() {
      output.stageSeconds.append((stage.name, groups.reduce(0) { $0 + $1.seconds[index].seconds }))
    }
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
  public func coreFeatures(_ input: TwinInput, head: Int, work: Work = .silent) throws -> Tensor {
    let run = try TwinRun(layers, architecture, input, head: head, readsHistory: false)
    let maps = try run.mapGroups(work) { samples in
      var kept = TwinRun.Stages(isOn: false)
      let features = try run.core(samples, work.cancellation, &kept)
      return samples.indices.map { features.lastStep($0 - samples.lowerBound) }
    }.flatMap { $0 }
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
    guard own.calibration?.readsStimulus != true else {
      throw Failure(.unsupported, "the outputs are calibrated by the stimulus, which features do not hold")
    }
    guard features.rank == 4 else {
      throw Failure(.mismatch, "core features have four axes (batch, channel, height, width), not \(features.shape)")
    }
    let shape = FeatureShape(
      channels: features.shape[1], time: 1, height: features.shape[2], width: features.shape[3])
    try own.readout.check(shape)
    let prepared = own.readout.prepared(height: shape.height, width: shape.width)
    let rates = try Parallel.map(features.shape[0]) { sample in
      var rates = finish(
        prepared.forward(Array(features.values[sample * shape.count..<(sample + 1) * shape.count])), own)
      own.calibration?.apply(to: &rates, stimulus: nil, statistics: nil)
      return rates
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
}
