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
  let eps: Float
  private let axis: NormAxis
  private let gamma: Parameter?
  private let beta: Parameter?

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    eps = Float(try site.options.double("eps") ?? 1e-5)
    axis = try NormAxis(&site.options)
    let affine = try site.options.bool("affine") ?? true
    try site.options.finish()
    gamma = affine ? try site.weights.channelParameter("gamma", outputChannels, start: .constant(1)) : nil
    beta = affine ? try site.weights.channelParameter("beta", outputChannels, start: .constant(0)) : nil
    tensors = [gamma, beta].compactMap(\.?.stored)
  }

  var detail: String { "rms norm over \(axis.rawValue)" }

  var reach: Reach { axis == .time ? .sample : .frame }

  var quietStart: QuietStart { QuietStart(normWith: gamma) }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return input
  }

  func forward(_ input: Features) -> Features {
    guard axis == .channels else { return lineNormed(input).scaled(by: factors) }
    var out = input
    ChannelNorm.rms(
      &out.values, channels: input.shape.channels, positions: input.shape.plane, eps: eps, gamma: gamma?.values,
      beta: beta?.values)
    return out
  }

  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    (
      forward(input),
      { gradient in
        var out = gradient
        guard axis == .channels else {
          let normed = lineNormed(input)
          let back = normed.scaledPullback(gradient, by: factors)
          add(scales: back.scale, shifts: back.shift, to: pass)
          out = back.input
          out.mapLines(along: axis, with: input) { line, x in
            let factor = factor(x)
            let inner = Reduction.dot(line, x) / Double(x.count) * factor * factor
            return zip(line, x).map { Float(factor * (Double($0) - Double($1) * inner)) }
          }
          return out
        }
        let (scale, shift) = ChannelNorm.rmsPullback(
          input.values, &out.values, channels: input.shape.channels, positions: input.shape.plane, eps: eps,
          gamma: gamma?.values)
        pass.add(scale, to: gamma)
        pass.add(shift, to: beta)
        return out
      }
    )
  }

  /// Whether the mean is over the channels of a position.
  var isOverChannels: Bool { axis == .channels }

  /// gamma and beta of each channel
  var factors: [(scale: Float, shift: Float)] {
    (0..<outputChannels).map { (gamma?.values[$0] ?? 1, beta?.values[$0] ?? 0) }
  }

  /// Adds to the gradients of gamma and beta.
  func add(scales: [Double], shifts: [Double], to pass: Pass) {
    pass.add(scales.map { Float($0) }, to: gamma)
    pass.add(shifts.map { Float($0) }, to: beta)
  }

  private func lineNormed(_ input: Features) -> Features {
    var out = input
    out.mapLines(along: axis) { line in
      let factor = factor(line)
      return line.map { Float(Double($0) * factor) }
    }
    return out
  }

  private func factor(_ line: [Float]) -> Double {
    1 / (Reduction.sumOfSquares(line) / Double(line.count) + Double(eps)).squareRoot()
  }
}
