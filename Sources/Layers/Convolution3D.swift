import Base
import Formats
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
  /// Of the stored weight, and how it becomes the effective one.
  private let weighting: (shape: [Int], options: ConvolutionWeight.Options)
  private let weight: ConvolutionWeight
  private let bias: Parameter?
  private let kernel: Kernels.Convolution?

  /// Reads `weight` (parametrised or not) and, with `hasBias`, `bias` under `weights`; where `isPlanar`, the stored
  /// weight has no time axis. `start` is how an untrained weight begins where torch's own start is not what VisionCore takes.
  init(
    _ weights: Weights, inputChannels: Int, outputChannels: Int, groups: Int = 1, geometry: Geometry,
    options: ConvolutionWeight.Options = .init(), hasBias: Bool, kind: String = "conv", isPlanar: Bool = false,
    start: Start? = nil
  ) throws {
    name = weights.prefix
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    axes = (0..<3).map(geometry.axis)
    let size = geometry.kernel.map(String.init).joined(separator: "x")
    let stride =
      geometry.stride == [1, 1, 1] ? "" : ", stride " + geometry.stride.map(String.init).joined(separator: "x")
    let dilation =
      geometry.dilation == [1, 1, 1] ? "" : ", dilation " + geometry.dilation.map(String.init).joined(separator: "x")
    detail =
      "\(size) \(kind) \(inputChannels) to \(outputChannels)\(stride)\(dilation)\(options.detail)\(hasBias ? ", bias" : "")"
    let shape = [outputChannels, inputChannels / groups] + geometry.kernel.suffix(isPlanar ? 2 : 3)
    weighting = (shape, options)
    weight = try ConvolutionWeight(weights, shape: shape, options: options, start: start)
    bias = hasBias ? try weights.parameter("bias", [outputChannels], start: .weight(shape)) : nil
    tensors = weight.tensors + (bias.map { [$0.stored] } ?? [])
    guard weights.loads else {
      kernel = nil
      return
    }
    kernel = Kernels.Convolution(
      weight: weight.values, bias: bias?.values, outChannels: outputChannels, inChannels: inputChannels, groups: groups,
      time: axes[0], height: axes[1], width: axes[2], padding: geometry.padding,
      live: options.liveTaps(of: geometry.kernel), backend: weights.backend)
  }

  func visitParts(of input: ChannelParts, _ visit: PartsVisitor) -> ChannelParts {
    // A depthwise one has a kernel for each channel and leaves them in their order.
    let isDepthwise = inputChannels == outputChannels && inputChannels > 1 && weighting.shape[1] == 1
    for tensor in tensors where isDepthwise || tensor.shape.count > 1 && tensor.shape[1] == inputChannels {
      visit(tensor, isDepthwise ? 0 : 1, [input])
    }
    return isDepthwise ? input : [outputChannels]
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
    try run(batch, axes: axes).output
  }

  func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch {
    try traced(batch, axes: axes, pass)
  }

  /// The same convolution on a part of its outputs: `counts` of them from `first` on, per axis.
  func forward(_ batch: FeatureBatch, outputs first: [Int], counts: [Int]) throws -> FeatureBatch {
    try run(batch, axes: cropped(batch.shape, first, counts)).output
  }

  func traced(_ batch: FeatureBatch, outputs first: [Int], counts: [Int], _ pass: Pass) throws -> TracedBatch {
    try traced(batch, axes: cropped(batch.shape, first, counts), pass)
  }

  /// Axes that leave other outputs away.
  private func cropped(_ shape: FeatureShape, _ first: [Int], _ counts: [Int]) -> [Kernels.Convolution.Axis] {
    let sizes = [shape.time, shape.height, shape.width]
    return (0..<3).map { index -> Kernels.Convolution.Axis in
      var axis = axes[index]
      axis.low -= first[index] * axis.stride
      axis.high = (counts[index] - 1) * axis.stride + axis.dilation * (axis.kernel - 1) + 1 - sizes[index] - axis.low
      return axis
    }
  }

  /// In training all taps take part that the window lets through: one whose weights are 0 now has a gradient.
  private func traced(_ batch: FeatureBatch, axes: [Kernels.Convolution.Axis], _ pass: Pass) throws -> TracedBatch {
    let (output, kernel, plan) = try run(batch, axes: axes, withAllTaps: true)
    let input = batch.frames
    return (
      output,
      { [cancellation = batch.cancellation] gradient in
        let gradients = kernel.pullback(
          gradient.values, input: input.values, height: input.shape.height, width: input.shape.width, plan: plan,
          wanted: wanted(pass), cancellation: cancellation)
        try cancellation.check()
        if weight.isWanted(pass) { weight.pullback(gradients.weight, pass) }
        pass.add(gradients.bias, to: bias)
        return Features(input.shape, gradients.input)
      }
    )
  }

  private func wanted(_ pass: Pass) -> WantedGradients {
    var wanted: WantedGradients = .input
    if weight.isWanted(pass) { wanted.insert(.weight) }
    if pass.wants(bias?.stored) { wanted.insert(.bias) }
    return wanted
  }

  /// An output frame is named by the input frames under the kernel and the taps that they meet.
  private func run(
    _ batch: FeatureBatch, axes: [Kernels.Convolution.Axis], withAllTaps: Bool = false
  ) throws -> (output: FeatureBatch, kernel: Kernels.Convolution, plan: FramePlan) {
    try batch.cancellation.check()
    guard let kernel = kernel?.with(time: axes[0], height: axes[1], width: axes[2]) else {
      preconditionFailure("\(name) is not loaded")
    }
    let input = batch.shape
    let size = kernel.outputSize(time: input.time, height: input.height, width: input.width)
    let own = (withAllTaps ? kernel.fullPlan(frames: input.time) : kernel.plan(frames: input.time)).outputs
    let shared = batch.sharing(times: size.time, inOrder: FramePlan.isBefore) { steps, time in
      own[time].map { FramePlan.Term(taps: $0.taps, input: steps[$0.input]) }
    }
    let plan = FramePlan(outputs: shared.names)
    let values = kernel(
      batch.frames.values, height: input.height, width: input.width, plan: plan, cancellation: batch.cancellation)
    try batch.cancellation.check()
    let output = FeatureBatch(
      Features(
        FeatureShape(
          channels: outputChannels, time: shared.names.count, height: size.height, width: size.width), values),
      steps: shared.steps, like: batch)
    return (output, kernel, plan)
  }
}

extension Convolution3D {
  /// The weight that acts, `[out channel, in channel / groups, time, height, width]`; empty unless it is loaded.
  var effectiveWeight: [Float] { weight.values }
  /// The tensor that the weight is made of, or its direction under weight norm.
  var weightName: String { weight.baseName }
  var isDelayed: Bool { weighting.options.isDelayed }

  /// What a gradient of the effective weight means for the stored tensors.
  func pullback(effectiveWeight gradient: [Float], _ pass: Pass) { weight.pullback(gradient, pass) }

  /// What each tap is multiplied by on its way from the stored weight to the effective one.
  var tapFactors: [Float] {
    weighting.options.timeWindow(axes[0].kernel).enumerated().map {
      $0 < weighting.options.taps.maskedTaps ? 0 : $1
    }
  }
}

extension Convolution3D: TemporalFilters {
  /// One kernel for each output and each input channel that it reads.
  func temporalKernels(from source: any ArraySource) throws -> [TemporalKernel] {
    let weight = try ConvolutionWeight(
      Weights(source: source, prefix: name, purpose: .inference), shape: weighting.shape, options: weighting.options
    ).values
    let axis = axes[0]
    let size = axis.kernel
    let plane = axes[1].kernel * axes[2].kernel
    let inputs = weighting.shape[1]
    // Tap j of output step t meets index t * stride + j * dilation - low.
    let reach = (size - 1) * axis.dilation
    let side: TemporalKernel.Side = axis.low == 0 ? .older : axis.low == reach ? .newer : .both
    let places = (0..<size).map { $0 * axis.dilation - axis.low }
    // Nearest tap first where all of them are newer.
    let taps = side == .newer ? Array((0..<size).reversed()) : Array(0..<size)
    let window =
      weighting.options.isDelayed ? [Float](repeating: 1, count: size) : weighting.options.timeWindow(size)
    let masked = weighting.options.taps.maskedTaps
    let held = taps.indices.filter { taps[$0] < masked || abs(window[taps[$0]]) < 1e-6 }
    let reasons =
      (window.contains { abs($0) < 1e-6 } ? ["the \(weighting.options.window?.kind ?? "") window is 0 there"] : [])
      + (masked > 0 ? ["the tap mask holds them at 0"] : [])
    return (0..<outputChannels * inputs).map { index in
      let start = index * size * plane
      return TemporalKernel(
        name: "filter \(index / inputs)" + (inputs > 1 ? ", channel \(index % inputs)" : ""),
        lags: taps.map { side == .newer ? -places[$0] : places[$0] }, side: side,
        plane: [axes[1].kernel, axes[2].kernel],
        weights: (0..<plane).map { pixel in taps.map { weight[start + $0 * plane + pixel] } }, heldTaps: held,
        heldReason: held.isEmpty ? nil : reasons.joined(separator: ", or "))
    }
  }
}

extension Convolution3D {
  var filter: BlockForm.Filter {
    let crop = axes.map { $0.dilation * ($0.kernel - 1) - $0.low - $0.high }
    let (stored, lengths) = weight.storedParts
    return BlockForm.Filter(
      weight: stored, bias: bias?.stored, length: lengths, lengthAxis: weighting.options.normAxis,
      inputChannels: inputChannels, outputChannels: outputChannels,
      hasStride: axes.contains { $0.stride != 1 }, crop: crop, passing: passing(crop))
  }

  /// See `BlockForm.Filter`: the last steps and the middle of space stay where they are.
  private func passing(_ crop: [Int]) -> (tap: Int, window: Float)? {
    var (place, factor) = (0, Float(1))
    for (index, axis) in axes.enumerated() {
      let reach = axis.low + (index == 0 ? crop[0] : crop[index] / 2)
      let tap = reach / axis.dilation
      guard crop[index] >= 0, reach % axis.dilation == 0, tap < axis.kernel else { return nil }
      place = place * axis.kernel + tap
      factor *= weighting.options.timeWindow(axis.kernel)[tap]
    }
    return abs(factor) < 1e-3 ? nil : (place, factor)
  }
}
