import Base
import Formats
import Kernels

/// Learned filters along time at every pixel, without padding.
///
/// With `split_MP`, each frame is split into its fine and its coarse part (see `PyramidSplit`); the first half of the
/// filters sees the fine part, the second half the coarse one.
///
/// - Shapes: `[batch, channel, time, height, width]` -> `[batch, filter, time - kernel + 1, height, width]`
/// - Source: SEMANTICS 5
package struct LearnableTemporal: NamedLayer {
  package static let typeNames = ["learnable_temporal"]

  package let name: String
  package let outputChannels: Int
  private let split: PyramidSplit?
  private let convolution: Convolution3D
  private let inputChannels: Int
  /// Frames from one tap to the next.
  package let tapStep: Int

  package init(_ site: inout Site) throws {
    name = site.weights.prefix
    inputChannels = site.inputChannels
    let kernel = try site.options.required("kernel_size", try site.options.size("kernel_size"))
    outputChannels = try site.options.required("num_channels", try site.options.size("num_channels"))
    let splits = try site.options.bool("split_MP") ?? false
    let scope = site.weights.scope("temporal_conv.conv")
    // Default as the checkpoint has it: the tensor is there or it is not.
    let hasBias = try site.options.bool("bias") ?? scope.has("bias")
    let startType = try site.options.string("init_type") ?? "gaussian_derivatives"
    // Padding is never applied.
    site.options.ignore("init_params", "causal")
    var options = try ConvolutionWeight.Options(&site.options)
    options.taps = try TapConstraint(&site.options, taps: kernel)
    options.isDelayed = try site.options.bool("delay") ?? false
    let dilation = try site.options.size("dilation") ?? 1
    tapStep = dilation
    // A window or a weight norm makes VisionCore write the start to a copy: torch's own stays.
    let start =
      options.usesWeightNorm || options.window != nil
      ? nil
      : try TemporalStart.kernels(
        startType, at: site.options.path("init_type"), taps: kernel, count: outputChannels,
        isStored: !(site.weights.source is Blueprint))
    try site.options.finish()
    guard !splits || outputChannels % 2 == 0 else {
      throw Failure(.unsupported, "\(site.options.path("num_channels")): split_MP needs an even number of filters")
    }
    split = splits ? PyramidSplit() : nil
    convolution = try Convolution3D(
      scope, inputChannels: splits ? 2 * inputChannels : inputChannels, outputChannels: outputChannels,
      groups: splits ? 2 : 1, geometry: .init(kernel: [kernel, 1, 1], dilation: [dilation, 1, 1]), options: options,
      hasBias: hasBias,
      start: start)
  }

  package var detail: String {
    "learned temporal filters, \(convolution.detail)\(split == nil ? "" : ", fine and coarse")"
  }
  package var tensors: [StoredTensor] { convolution.tensors }

  package func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, inputChannels)
    var inner = input
    if let split {
      try split.check(input, for: self)
      inner.channels *= 2
    }
    return try convolution.outputShape(for: inner)
  }

  package func forward(_ batch: FeatureBatch) throws -> FeatureBatch {
    try convolution.forward(split.map { batch.mappingFrames($0.apply) } ?? batch)
  }

  package func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch {
    guard let split else { return try convolution.traced(batch, pass) }
    let (output, pullback) = try convolution.traced(batch.mappingFrames(split.apply), pass)
    return (output, { try split.pullback(pullback($0)) })
  }
}

extension LearnableTemporal: TemporalFilters {
  package func temporalKernels(from source: any ArraySource) throws -> [TemporalKernel] {
    let kernels = try convolution.temporalKernels(from: source)
    guard split != nil else { return kernels }
    return kernels.enumerated().map { index, kernel in
      var kernel = kernel
      kernel.name += index < kernels.count / 2 ? " (fine)" : " (coarse)"
      return kernel
    }
  }
}

extension LearnableTemporal {
  /// The kernels that act, `[kernel, tap]`; empty unless they are loaded.
  package var effectiveKernels: [Float] { convolution.effectiveWeight }
  /// See `FrontendFilters`.
  package var filters: FrontendFilters {
    FrontendFilters(
      name: convolution.weightName, factors: convolution.tapFactors, isDelayed: convolution.isDelayed, tapStep: tapStep)
  }

  package func pullback(effectiveKernels gradient: [Float], _ pass: Pass) {
    convolution.pullback(effectiveWeight: gradient, pass)
  }
}
