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
  private let squeeze: (weight: [Float], bias: [Float])
  private let excite: (weight: [Float], bias: [Float])
  private let inner: Int

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
    inner = channels / ratio
    guard inner > 0 else {
      throw Failure(.unsupported, "\(site.options.path("r")): \(ratio) leaves none of \(channels) channels")
    }
    pooling = Pooling(
      .average, time: .init(kernel: 1), height: .init(kernel: 2, stride: stride),
      width: .init(kernel: 2, stride: stride))
    let blurs = site.type == "aablur"
    let kernel = blurs ? try site.weights.parameter("blur", [1, 1, 3, 3], isBuffer: true) : nil
    let down = try site.weights.parameter("se.1.weight", [inner, channels, 1, 1, 1])
    let downBias = try site.weights.parameter("se.1.bias", [inner])
    let up = try site.weights.parameter("se.3.weight", [channels, inner, 1, 1, 1])
    let upBias = try site.weights.parameter("se.3.bias", [channels])
    tensors = [kernel, down, downBias, up, upBias].compactMap(\.?.stored)
    let axis = Convolution.Axis(kernel: 3, low: 1, high: 1)
    blur = kernel.flatMap { kernel in
      guard site.weights.loads else { return nil }
      return Convolution(
        weight: kernel.values, outChannels: 1, inChannels: 1, time: .init(kernel: 1), height: axis, width: axis,
        backend: site.weights.backend)
    }
    squeeze = (down.values, downBias.values)
    excite = (up.values, upBias.values)
    detail = "\(blurs ? "blurred " : "")\(isSoft ? "soft" : "avg") pool, stride \(stride), gate of \(inner)"
  }

  var reach: Reach { .frame }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    var out = input
    out.height = pooling.height.outputs(input.height)
    out.width = pooling.width.outputs(input.width)
    guard out.height > 0, out.width > 0 else { throw misfit("a 2x2 pool does not fit", input) }
    return out
  }

  func forward(_ input: Features) -> Features {
    var shape = input.shape
    let blurred = blurred(input)
    func pool(_ values: [Float]) -> [Float] {
      pooling(
        values, channels: input.shape.channels, time: input.shape.time, height: input.shape.height,
        width: input.shape.width)
    }
    shape.height = pooling.height.outputs(shape.height)
    shape.width = pooling.width.outputs(shape.width)
    var out: [Float]
    if isSoft {
      var weight = blurred
      Elementwise.scaleShift(&weight, in: 0..<weight.count, scale: 0.1, shift: 0)
      ElementFunction.exp.apply(to: &weight)
      let below = pool(weight)
      Elementwise.multiply(blurred, to: &weight, count: blurred.count)
      out = pool(weight)
      for index in out.indices { out[index] /= below[index] + 1e-6 }
    } else {
      out = pool(blurred)
    }
    var features = Features(shape, out)
    gate(&features)
    return features
  }

  private func blurred(_ input: Features) -> [Float] {
    guard let blur else { return input.values }
    let shape = input.shape
    // Planes as time steps of one channel.
    return blur(input.values, time: shape.time * shape.channels, height: shape.height, width: shape.width)
  }

  private func gate(_ features: inout Features) {
    let channels = features.shape.channels
    for time in 0..<features.shape.time {
      let means = (0..<channels).map {
        Float(
          Reduction.sum(features.values, in: features.plane(time: time, channel: $0)) / Double(features.shape.plane))
      }
      var hidden = squeeze.bias
      BLAS.sgemv(rows: inner, columns: channels, a: squeeze.weight, x: means, beta: 1, y: &hidden)
      ElementFunction.silu.apply(to: &hidden)
      var gates = excite.bias
      BLAS.sgemv(rows: channels, columns: inner, a: excite.weight, x: hidden, beta: 1, y: &gates)
      ElementFunction.sigmoid.apply(to: &gates)
      for (channel, gate) in gates.enumerated() {
        Elementwise.scaleShift(
          &features.values, in: features.plane(time: time, channel: channel), scale: gate, shift: 0)
      }
    }
  }
}
