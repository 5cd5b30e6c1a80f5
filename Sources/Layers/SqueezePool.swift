import Base
import Kernels

/// A 2x2 soft or mean pool of each frame, after a blur in `aablur`, gated per channel and frame.
///
/// Soft: avg(x w) / (avg(w) + 1e-6) with w = exp(x / 10). The gate is
/// sigmoid(W2 silu(W1 m + b1) + b2) of the pooled frame's means m over space.
///
/// - Shapes: `[batch, channel, time, height, width]` -> `[batch, channel, time, height', width']`
/// - Source: SEMANTICS 10
struct SqueezePool: NamedLayer, SampleLayer {
  static let typeNames = ["aablur", "se_pool"]

  let name: String
  let detail: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let isSoft: Bool
  private let pooling: Pooling
  /// 3x3, zero-padded, the same for every plane.
  private let blur: Convolution?
  private let squeeze: LinearMap
  private let excite: LinearMap

  private static let blurKernel: [Float] = [1, 2, 1, 2, 4, 2, 1, 2, 1].map { $0 / 16 }

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    let channels = site.inputChannels
    outputChannels = channels
    let stride = try site.options.size("stride") ?? 2
    let ratio = try site.options.size("r") ?? 8
    isSoft = try site.options.bool("use_soft") ?? true
    // VisionCore sets it to the convolution's channels, whatever is written.
    site.options.ignore("channels")
    try site.options.finish()
    let inner = channels / ratio
    guard inner > 0 else {
      throw Failure(.unsupported, "\(site.options.path("r")): \(ratio) leaves none of \(channels) channels")
    }
    pooling = Pooling(
      .average, time: .init(kernel: 1), height: .init(kernel: 2, stride: stride),
      width: .init(kernel: 2, stride: stride))
    let blurs = site.type == "aablur"
    let kernel =
      blurs ? try site.weights.parameter("blur", [1, 1, 3, 3], start: .values(Self.blurKernel), isBuffer: true) : nil
    let down = try site.weights.parameter("se.1.weight", [inner, channels, 1, 1, 1], start: .uniform(fanIn: channels))
    let downBias = try site.weights.parameter("se.1.bias", [inner], start: .uniform(fanIn: channels))
    let up = try site.weights.parameter("se.3.weight", [channels, inner, 1, 1, 1], start: .uniform(fanIn: inner))
    let upBias = try site.weights.parameter("se.3.bias", [channels], start: .uniform(fanIn: inner))
    tensors = [kernel, down, downBias, up, upBias].compactMap(\.?.stored)
    let axis = Convolution.Axis(kernel: 3, low: 1, high: 1)
    blur = kernel.flatMap { kernel in
      guard site.weights.loads else { return nil }
      return Convolution(
        weight: kernel.values, outChannels: 1, inChannels: 1, time: .init(kernel: 1), height: axis, width: axis,
        backend: site.weights.backend)
    }
    squeeze = LinearMap(down, downBias, outputs: inner, inputs: channels)
    excite = LinearMap(up, upBias, outputs: channels, inputs: inner)
    detail = "\(blurs ? "blurred " : "")\(isSoft ? "soft" : "avg") pool, stride \(stride), gate of \(inner)"
  }

  var reach: Reach { .frame }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    let out = pooled(input)
    guard out.height > 0, out.width > 0 else { throw misfit("a 2x2 pool does not fit", input) }
    return out
  }

  private func pooled(_ shape: FeatureShape) -> FeatureShape {
    var out = shape
    out.height = pooling.height.outputs(shape.height)
    out.width = pooling.width.outputs(shape.width)
    return out
  }

  func forward(_ input: Features) -> Features {
    var features = pool(blurred(input))
    for time in 0..<features.shape.time {
      var hidden = squeeze(means(features, time: time))
      ElementFunction.silu.apply(to: &hidden)
      var gates = excite(hidden)
      ElementFunction.sigmoid.apply(to: &gates)
      apply(gates, to: &features, time: time)
    }
    return features
  }

  /// With out = x s(gate(mean x)), the pooled frame x gets its gradient directly and through its mean.
  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    let blurred = blurred(input)
    let features = pool(blurred)
    let shape = features.shape
    let down = squeeze.traced((0..<shape.time).flatMap { means(features, time: $0) }, pass)
    let up = excite.traced(ElementFunction.silu(down.output), pass)
    let gates = ElementFunction.sigmoid(up.output)
    var output = features
    for time in 0..<shape.time { apply(Array(gates[gateRange(time)]), to: &output, time: time) }
    return (
      output,
      { gradient in
        var out = gradient
        var gateGradient = [Float](repeating: 0, count: gates.count)
        for time in 0..<shape.time {
          for channel in 0..<shape.channels {
            let plane = features.plane(time: time, channel: channel)
            gateGradient[time * shape.channels + channel] = Float(
              Reduction.dot(
                gradient.values, from: plane.lowerBound, features.values, from: plane.lowerBound, count: plane.count))
          }
        }
        ElementFunction.sigmoid.pullback(at: up.output, &gateGradient)
        var hidden = up.pullback(gateGradient)
        ElementFunction.silu.pullback(at: down.output, &hidden)
        let means = down.pullback(hidden)
        for time in 0..<shape.time {
          for channel in 0..<shape.channels {
            let index = time * shape.channels + channel
            Elementwise.scaleShift(
              &out.values, in: features.plane(time: time, channel: channel), scale: gates[index],
              shift: means[index] / Float(shape.plane))
          }
        }
        return unblurred(Features(input.shape, poolPullback(out, blurred)), input)
      }
    )
  }

  private func gateRange(_ time: Int) -> Range<Int> { time * outputChannels..<(time + 1) * outputChannels }

  // MARK: - Blur, pool, gate

  private func blurred(_ input: Features) -> Features {
    guard let blur else { return input }
    let shape = input.shape
    // Planes as time steps of one channel.
    return Features(
      shape, blur(input.values, time: shape.time * shape.channels, height: shape.height, width: shape.width))
  }

  private func unblurred(_ gradient: Features, _ input: Features) -> Features {
    guard let blur else { return gradient }
    let shape = input.shape
    return Features(
      shape,
      blur.pullback(
        gradient.values, input: input.values, height: shape.height, width: shape.width,
        plan: blur.fullPlan(frames: shape.time * shape.channels)
      ).input)
  }

  private func pool(_ input: Features) -> Features {
    let shape = input.shape
    return Features(
      pooled(shape),
      isSoft
        ? SoftPooling(pooling)(
          input.values, channels: shape.channels, time: shape.time, height: shape.height, width: shape.width)
        : pooling(
          input.values, channels: shape.channels, time: shape.time, height: shape.height, width: shape.width))
  }

  private func poolPullback(_ gradient: Features, _ input: Features) -> [Float] {
    let shape = input.shape
    return isSoft
      ? SoftPooling(pooling).pullback(
        gradient.values, input: input.values, channels: shape.channels, time: shape.time, height: shape.height,
        width: shape.width)
      : pooling.pullback(
        gradient.values, input: input.values, channels: shape.channels, height: shape.height, width: shape.width,
        windows: pooling.windows(frames: shape.time))
  }

  /// Of one frame's channels over space.
  private func means(_ features: Features, time: Int) -> [Float] {
    (0..<features.shape.channels).map {
      Float(
        Reduction.sum(features.values, in: features.plane(time: time, channel: $0)) / Double(features.shape.plane))
    }
  }

  private func apply(_ gates: [Float], to features: inout Features, time: Int) {
    for (channel, gate) in gates.enumerated() {
      Elementwise.scaleShift(
        &features.values, in: features.plane(time: time, channel: channel), scale: gate, shift: 0)
    }
  }
}
