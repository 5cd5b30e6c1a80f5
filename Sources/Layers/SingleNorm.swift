import Base
import Formats
import Kernels

/// One norm by itself: features in, features and gradients out.
package struct SingleNorm: Sendable {
  private let layer: any Layer

  /// - Parameter parameters: the norm's tensors by their names in it: `gamma`, `theta`.
  /// - Throws: as a twin whose configuration names this norm.
  package init(type: String, options: ConfigNode, channels: Int, parameters: any ArraySource) throws {
    var site = Site(
      type: type, options: try Section(options, path: "norm_params"),
      weights: Weights(source: parameters, prefix: "", purpose: .training), inputChannels: channels,
      context: .init(factory: RegisteredLayers()))
    layer = try AllLayers.build(.norm, &site, named: "norm_type")
  }

  /// Sum of the outputs times `cotangent`, differentiated.
  package struct Gradients: Sendable {
    package var output: Tensor
    package var input: Tensor
    /// By the parameter's name.
    package var parameters: [String: Tensor]
    /// Of the stimulus windows; nil where none were given.
    package var stimulus: Tensor?
  }

  /// - Shapes: `input`, `cotangent` `[batch, channel, time, height, width]`; `stimulus` the same with other sizes.
  package func gradients(_ input: Tensor, stimulus: Tensor?, cotangent: Tensor) throws -> Gradients {
    let (batch, windows) = try batches(input, stimulus)
    let pass = Pass(mode: .eval)
    let (output, pullback) = try layer.traced(batch, pass)
    let back = try pullback(Self.batch(cotangent).frames)
    var ofStimulus = windows.map { Features(zerosLike: $0.frames.shape) }
    if let windows, let statistics = batch.statistics, var frames = ofStimulus {
      statistics.pullback(windows.steps.indices.map { pass.statistics[$0] ?? [] }, windows, to: &frames)
      ofStimulus = frames
    }
    return Gradients(
      output: Self.tensor(output, input.shape),
      input: Self.tensor(Self.batch(input).mappingFrames { _ in back }, input.shape),
      parameters: pass.gradients.tensors,
      stimulus: windows.flatMap { windows in
        ofStimulus.flatMap { frames in
          stimulus.map { Self.tensor(windows.mappingFrames { _ in frames }, $0.shape) }
        }
      })
  }

  package func forward(_ input: Tensor, stimulus: Tensor? = nil) throws -> Tensor {
    Self.tensor(try layer.forward(batches(input, stimulus).batch), input.shape)
  }

  /// The work of a forward pass, and of a forward pass with the way back, on values that are arranged already; to be timed.
  ///
  /// - Shapes: as `gradients`.
  package func work(
    on input: Tensor, stimulus: Tensor?, cotangent: Tensor
  ) throws -> (forward: () throws -> Void, gradients: () throws -> Void) {
    let (batch, _) = try batches(input, stimulus)
    let back = Self.batch(cotangent).frames
    let layer = layer
    return (
      { _ = try layer.forward(batch) },
      { _ = try layer.traced(batch, Pass(mode: .eval)).pullback(back) }
    )
  }

  private func batches(_ input: Tensor, _ stimulus: Tensor?) throws -> (batch: FeatureBatch, windows: FeatureBatch?) {
    var batch = Self.batch(input)
    let windows = stimulus.map(Self.batch)
    batch.statistics = windows.map { WindowStatistics($0) }
    _ = try layer.outputShape(for: batch.shape)
    return (batch, windows)
  }

  private static func batch(_ tensor: Tensor) -> FeatureBatch {
    let shape = tensor.shape
    let size = FeatureShape(channels: shape[1], time: shape[2], height: shape[3], width: shape[4])
    return FeatureBatch(
      samples: (0..<shape[0]).map {
        Features(channelsFirst: tensor.values[$0 * size.count..<($0 + 1) * size.count], shape: size)
      }, cancellation: Cancellation())
  }

  private static func tensor(_ batch: FeatureBatch, _ shape: [Int]) -> Tensor {
    Tensor(shape: shape, values: batch.steps.indices.flatMap { batch.sample($0).channelsFirst })
  }
}
