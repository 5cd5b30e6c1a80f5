import Base
import Kernels
import Layers

extension TrainableTwin {
  /// Gradients of the trained parameters before the readout, of a loss of the core's features at the last time step.
  ///
  /// The pass is that of `TwinNetwork.coreFeatures`: nothing is dropped, and norms use what they stored.
  ///
  /// - Parameters:
  ///   - slope: from the features of some samples, `[sample, channel, height, width]`, to the loss's gradient by them, in the
  ///     same shape. Called for several groups at once.
  /// - Throws: `mismatch` before anything runs where an input does not fit; what `slope` throws; `interrupted`.
  public func coreGradients(
    _ input: TwinInput, head: Int, work: Work = .silent, slope: @Sendable (Range<Int>, Tensor) throws -> Tensor
  ) throws -> Gradients {
    let run = try TwinRun(network.layers, network.architecture, input, head: head, readsHistory: false)
    let lowest = run.firstTrained(trained)
    let shape = run.shapes.recurrent
    let groups = run.groups
    let parts = try Parallel.map(groups.count, work: work) { index in
      let samples = groups[index]
      let pass = Pass(mode: .eval, firstSample: samples.lowerBound, trained: trained)
      var features = run.start(samples, work.cancellation)
      var pullbacks: [Pullback] = []
      for stage in Stage.core {
        let traced = try run.traced(stage, features, samples, pass)
        features = traced.output
        if stage.rawValue >= lowest.rawValue { pullbacks.append(traced.pullback) }
      }
      let last = Tensor(
        shape: [samples.count, shape.channels, shape.height, shape.width],
        values: (0..<samples.count).flatMap { features.lastStep($0) })
      let slopes = try slope(samples, last)
      guard slopes.shape == last.shape else {
        throw Failure(.mismatch, "a gradient of shape \(slopes.shape) for features of shape \(last.shape)")
      }
      var back = Features(zerosLike: features.frames.shape)
      let size = features.frames.shape.frame
      for (sample, steps) in features.steps.enumerated() {
        guard let frame = steps.last else { continue }
        Elementwise.add(slopes.values, from: sample * size, to: &back.values, at: frame * size, count: size)
      }
      _ = try chained(pullbacks)(back)
      return pass.gradients
    }
    return parts.reduce(into: Gradients()) { $0.add($1) }
  }
}

extension TwinNetwork {
  /// Names of the tensors of a head's adapter that a gradient reaches.
  ///
  /// - Throws: `missing` for a head that is not there.
  public func movableAdapterNames(head: Int) throws -> [String] {
    try layers.head(head).adapter.allTensors.filter(Pass.isReached).map(\.name)
  }
}
