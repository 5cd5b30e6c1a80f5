import Base
import Kernels

/// Maximum or mean over windows of time, height and width.
///
/// Padding counts as zeros in a mean and never wins a maximum, as in torch.
///
/// - Shapes: `[batch, channel, time, height, width]` -> `[batch, channel, time', height', width']`
/// - Source: SEMANTICS 10
struct WindowPool: NamedLayer, SampleLayer {
  static let typeNames = ["max", "avg"]

  let name: String
  let detail: String
  let outputChannels: Int
  let pooling: Pooling

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    guard !site.context.isFlat else { throw site.flatFailure() }
    let kernel = try site.options.required("kernel_size", try site.options.triple("kernel_size", minimum: 1))
    let stride = try site.options.triple("stride", minimum: 1) ?? kernel
    let padding = try site.options.triple("padding", minimum: 0) ?? [0, 0, 0]
    guard zip(padding, kernel).allSatisfy({ $0 * 2 <= $1 }) else {
      throw Failure(.unsupported, "\(site.options.path("padding")): more than half the kernel")
    }
    try site.options.finish()
    let axes = (0..<3).map {
      Kernels.Convolution.Axis(kernel: kernel[$0], stride: stride[$0], low: padding[$0], high: padding[$0])
    }
    pooling = Pooling(site.type == "max" ? .maximum : .average, time: axes[0], height: axes[1], width: axes[2])
    detail = "\(kernel.map(String.init).joined(separator: "x")) \(site.type) pool"
  }

  /// Every channel is pooled by itself, also those that an activation has added.
  func visitParts(of input: ChannelParts, _ visit: PartsVisitor) -> ChannelParts { input }

  var quietStart: QuietStart { QuietStart(isNonNegative: nil) }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    let out = FeatureShape(
      channels: input.channels, time: pooling.time.outputs(input.time), height: pooling.height.outputs(input.height),
      width: pooling.width.outputs(input.width))
    guard out.time > 0, out.height > 0, out.width > 0 else { throw misfit("a \(detail) does not fit", input) }
    return out
  }

  var reach: Reach { .steps }

  func forward(_ input: Features) -> Features {
    pooled(input, windows: pooling.windows(frames: input.shape.time))
  }

  func forward(_ batch: FeatureBatch) throws -> FeatureBatch {
    try batch.cancellation.check()
    let shared = shared(batch)
    return FeatureBatch(pooled(batch.frames, windows: shared.names), steps: shared.steps, like: batch)
  }

  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    let windows = pooling.windows(frames: input.shape.time)
    return (pooled(input, windows: windows), { pullback($0, input, windows: windows) })
  }

  func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch {
    try batch.cancellation.check()
    let shared = shared(batch)
    return (
      FeatureBatch(pooled(batch.frames, windows: shared.names), steps: shared.steps, like: batch),
      { pullback($0, batch.frames, windows: shared.names) }
    )
  }

  /// Output frames, named by the frames under their windows.
  private func shared(_ batch: FeatureBatch) -> (names: [[Int]], steps: [[Int]]) {
    let windows = pooling.windows(frames: batch.shape.time)
    return batch.sharing(times: windows.count) { frames, time in windows[time].map { frames[$0] } }
  }

  private func pullback(_ gradient: Features, _ input: Features, windows: [[Int]]) -> Features {
    let shape = input.shape
    return Features(
      shape,
      pooling.pullback(
        gradient.values, input: input.values, channels: shape.channels, height: shape.height, width: shape.width,
        windows: windows))
  }

  private func pooled(_ frames: Features, windows: [[Int]]) -> Features {
    let shape = frames.shape
    let values = pooling(
      frames.values, channels: shape.channels, height: shape.height, width: shape.width, windows: windows)
    return Features(
      FeatureShape(
        channels: shape.channels, time: windows.count, height: pooling.height.outputs(shape.height),
        width: pooling.width.outputs(shape.width)), values)
  }
}

extension Site {
  /// VisionCore builds 2-D layers after a kernel of one time step; these then fail on its 5-D features.
  func flatFailure() -> Failure {
    Failure(
      .unsupported, "\(options.path): `\(type)` can't follow a convolution whose kernel has one time step",
      hint: "VisionCore builds a 2-D layer there, which fails on features with time")
  }
}
