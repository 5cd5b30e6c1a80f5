import Base
import Kernels

/// A convolution over time, height and width with the padding of its block.
///
/// - Shapes: `[batch, in channel, time, height, width]` -> `[batch, out channel, time', height', width']`
/// - Source: SEMANTICS 6 and 7
struct Convolution3D: Layer {
  /// Kernel, stride, dilation and padding along time, height and width.
  struct Geometry: Sendable {
    var kernel: [Int]
    var stride = [1, 1, 1]
    var dilation = [1, 1, 1]
    /// Before and after, per axis.
    var low = [0, 0, 0]
    var high = [0, 0, 0]
    var padding = Kernels.Convolution.Padding.replicate

    func axis(_ index: Int) -> Kernels.Convolution.Axis {
      .init(
        kernel: kernel[index], stride: stride[index], dilation: dilation[index], low: low[index], high: high[index])
    }
  }

  let name: String
  let detail: String
  let tensors: [StoredTensor]
  let inputChannels: Int
  let outputChannels: Int
  private let axes: [Kernels.Convolution.Axis]
  private let kernel: Kernels.Convolution?

  /// Reads `weight` (parametrised or not) and, with `hasBias`, `bias` under `weights`; where `isPlanar`, the stored
  /// weight has no time axis.
  init(
    _ weights: Weights, inputChannels: Int, outputChannels: Int, groups: Int = 1, geometry: Geometry,
    options: ConvolutionWeight.Options = .init(), hasBias: Bool, kind: String = "conv", isPlanar: Bool = false
  ) throws {
    name = weights.prefix
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    axes = (0..<3).map(geometry.axis)
    let size = geometry.kernel.map(String.init).joined(separator: "x")
    let stride =
      geometry.stride == [1, 1, 1] ? "" : ", stride " + geometry.stride.map(String.init).joined(separator: "x")
    detail = "\(size) \(kind) \(inputChannels) to \(outputChannels)\(stride)\(options.detail)\(hasBias ? ", bias" : "")"
    let shape = [outputChannels, inputChannels / groups] + geometry.kernel.suffix(isPlanar ? 2 : 3)
    let weight = try ConvolutionWeight(weights, shape: shape, options: options)
    let bias = hasBias ? try weights.parameter("bias", [outputChannels]) : nil
    tensors = weight.tensors + (bias.map { [$0.stored] } ?? [])
    guard weights.loads else {
      kernel = nil
      return
    }
    kernel = Kernels.Convolution(
      weight: weight.values, bias: bias?.values, outChannels: outputChannels, inChannels: inputChannels, groups: groups,
      time: axes[0], height: axes[1], width: axes[2], padding: geometry.padding,
      backend: weights.backend)
  }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, inputChannels)
    let out = FeatureShape(
      channels: outputChannels, time: axes[0].outputs(input.time), height: axes[1].outputs(input.height),
      width: axes[2].outputs(input.width))
    guard out.time > 0, out.height > 0, out.width > 0 else {
      throw misfit("a \(axes.map { String($0.kernel) }.joined(separator: "x")) kernel does not fit", input)
    }
    return try checked(out, for: input)
  }

  func forward(_ batch: FeatureBatch) throws -> FeatureBatch {
    try run(batch, axes: axes)
  }

  /// The same convolution on a part of its outputs: `counts` of them from `first` on, per axis.
  func forward(_ batch: FeatureBatch, outputs first: [Int], counts: [Int]) throws -> FeatureBatch {
    let sizes = [batch.shape.time, batch.shape.height, batch.shape.width]
    let cropped = (0..<3).map { index -> Kernels.Convolution.Axis in
      var axis = axes[index]
      axis.low -= first[index] * axis.stride
      axis.high = (counts[index] - 1) * axis.stride + axis.dilation * (axis.kernel - 1) + 1 - sizes[index] - axis.low
      return axis
    }
    return try run(batch, axes: cropped)
  }

  /// An output frame is named by the input frames under the kernel and the taps that they meet.
  private func run(_ batch: FeatureBatch, axes: [Kernels.Convolution.Axis]) throws -> FeatureBatch {
    try batch.cancellation.check()
    guard let kernel = kernel?.with(time: axes[0], height: axes[1], width: axes[2]) else {
      preconditionFailure("\(name) is not loaded")
    }
    let input = batch.shape
    let size = kernel.outputSize(time: input.time, height: input.height, width: input.width)
    let own = kernel.plan(frames: input.time).outputs
    let shared = batch.sharing(times: size.time, inOrder: FramePlan.isBefore) { steps, time in
      own[time].map { FramePlan.Term(taps: $0.taps, input: steps[$0.input]) }
    }
    let values = kernel(
      batch.frames.values, height: input.height, width: input.width, plan: FramePlan(outputs: shared.names),
      cancellation: batch.cancellation)
    try batch.cancellation.check()
    return FeatureBatch(
      Features(
        FeatureShape(
          channels: outputChannels, time: shared.names.count, height: size.height, width: size.width), values),
      steps: shared.steps, cancellation: batch.cancellation)
  }
}
