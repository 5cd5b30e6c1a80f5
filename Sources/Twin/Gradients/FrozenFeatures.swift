import Base
import Kernels
import Layers

/// What one sample gives to the first stage that training changes: the stages before it need no second pass.
public struct FrozenFeatures: Sendable {
  let stage: Stage
  let features: Features

  public var byteCount: Int { features.values.count * MemoryLayout<Float>.stride }
}

extension TrainableTwin {
  /// What each sample gives to the first stage with a trained parameter.
  ///
  /// Each sample goes through the twin by itself, so its features do not depend on the batch that it comes with.
  ///
  /// - Returns: nil where nothing is worth keeping: a stage up to the convnet is trained (samples share its work), or a
  ///   frozen stage drops values at random, uses the batch's statistics or moves a buffer.
  /// - Throws: as `gradients`.
  public func frozenFeatures(
    _ input: TwinInput, head: Int, mode: PassMode = .train, work: Work = .silent
  ) throws -> [FrozenFeatures]? {
    guard keepsFeatures(of: head, mode: mode) else { return nil }
    let run = try TwinRun(network.layers, network.architecture, input, head: head)
    let last = run.firstTrained(trained)
    let samples = try Parallel.map(run.batch, work: work) { sample in
      let pass = Pass(mode: mode, firstSample: sample, trained: trained)
      var features = run.start(sample..<sample + 1, work.cancellation)
      for stage in Stage.core where stage.rawValue < last.rawValue {
        features = try run.traced(stage, features, sample..<sample + 1, pass).output
      }
      var own = features.sample(0)
      if last == .readout {
        var step = own.shape
        step.time = 1
        own = Features(step, features.lastStep(0))
      }
      return pass.isRepeatable ? FrozenFeatures(stage: last, features: own) : nil
    }
    let kept = samples.compactMap { $0 }
    return kept.count == samples.count ? kept : nil
  }

  /// Whether `frozenFeatures` may find some: nil is certain where this is false.
  public func keepsFeatures(of head: Int, mode: PassMode = .train) -> Bool {
    guard let first = try? firstTrained(head: head), first.rawValue > Stage.convnet.rawValue else { return false }
    guard (try? network.layers.head(head))?.calibration?.readsStimulus != true else { return false }
    return network.layers.constantChannels == nil && !(mode != .eval && network.layers.hasBatchStatistics)
  }

  /// Whether a pass from features on reads behaviour or spike history.
  public func readsBesideFeatures(of head: Int) -> Bool {
    guard let first = try? firstTrained(head: head) else { return true }
    return architecture.requiresHistory || architecture.requiresBehavior && first.rawValue <= Stage.modulator.rawValue
  }

  /// As `gradients`, from features on; no gradient of the stimulus.
  ///
  /// - Parameter input: behaviour and spike history, where `readsBesideFeatures`.
  public func gradients(
    from features: [FrozenFeatures], _ input: TwinInput = .init(), head: Int, mode: PassMode = .train,
    seed: UInt64 = 0, work: Work = .silent, objective: LossFunction
  ) throws -> TwinGradients {
    let run = try TwinRun(network.layers, features, input, head: head)
    return try gradients(run, mode: mode, seed: seed, work: work, objective: objective) { samples in
      guard let stage = features.first?.stage else { return nil }
      return TracedGroup.Start(
        stage: stage,
        features: FeatureBatch(samples: features[samples].map(\.features), cancellation: work.cancellation))
    }
  }
}

extension TwinRun {
  /// A call that begins with features.
  ///
  /// - Throws: as for other inputs.
  init(_ layers: TwinLayers, _ features: [FrozenFeatures], _ input: TwinInput, head index: Int) throws {
    self.layers = layers
    head = try layers.head(index)
    self.input = input
    batch = features.count
    let own = features.first?.features.shape ?? FeatureShape(channels: 0, time: 0, height: 0, width: 0)
    size = own
    shapes = .init(adapter: own, frontend: own, convnet: own, modulator: own, recurrent: own)
    let isModulated = features.first.map { $0.stage.rawValue <= Stage.modulator.rawValue } ?? false
    modulator = isModulated && !input.skipsBehavior ? layers.modulator : nil
    try Self.checkBehavior(input, modulator, batch)
    try Self.checkHistory(input, head, batch)
  }
}
