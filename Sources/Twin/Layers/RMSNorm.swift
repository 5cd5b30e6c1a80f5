import Base
import Kernels

/// Root mean square over channels at every position (or along another axis), scaled and shifted per channel.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: x / sqrt(mean_c x^2 + eps) gamma + beta; SEMANTICS 8
struct RMSNorm: NamedLayer, SampleLayer {
  static let typeNames = ["rms"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let eps: Float
  private let axis: NormAxis
  private let gamma: [Float]?
  private let beta: [Float]?

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    eps = Float(try site.options.double("eps") ?? 1e-5)
    axis = try NormAxis(&site.options)
    let affine = try site.options.bool("affine") ?? true
    try site.options.finish()
    let scale = affine ? try site.weights.parameter("gamma", [outputChannels]) : nil
    let shift = affine ? try site.weights.parameter("beta", [outputChannels]) : nil
    gamma = scale?.values
    beta = shift?.values
    tensors = [scale, shift].compactMap(\.?.stored)
  }

  var detail: String { "rms norm over \(axis)" }

  var reach: Reach { axis == .time ? .sample : .frame }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return input
  }

  func forward(_ input: Features) -> Features {
    var out = input
    guard axis == .channels else {
      out.mapLines(along: axis) { line in
        let factor = 1 / (Reduction.sumOfSquares(line) / Double(line.count) + Double(eps)).squareRoot()
        return line.map { Float(Double($0) * factor) }
      }
      for time in 0..<input.shape.time {
        for channel in 0..<input.shape.channels {
          Elementwise.scaleShift(
            &out.values, in: input.plane(time: time, channel: channel), scale: gamma?[channel] ?? 1,
            shift: beta?[channel] ?? 0)
        }
      }
      return out
    }
    ChannelNorm.rms(
      &out.values, channels: input.shape.channels, positions: input.shape.plane, eps: eps, gamma: gamma, beta: beta)
    return out
  }
}
