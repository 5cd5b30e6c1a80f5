import Base
import Kernels

/// Global response normalisation: channels compete through their norm over time and space.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: ConvNeXt V2 (Woo et al. 2023), eq. 1-3, as VisionCore applies it (SEMANTICS 8):
///   G_c = |x_c|, n_c = G_c / (mean_c G + eps), gamma (x n_c) + beta + x
struct GlobalResponseNorm: NamedLayer, ChannelwiseNorm {
  static let typeNames = ["grn"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let eps: Double
  private let gamma: Parameter
  private let beta: Parameter

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    eps = try site.options.double("eps") ?? 1e-5
    try site.options.finish()
    gamma = try site.weights.channelParameter("gamma", outputChannels, start: .constant(0.1), isBroad: true)
    beta = try site.weights.channelParameter("beta", outputChannels, start: .constant(0), isBroad: true)
    tensors = [gamma.stored, beta.stored]
  }

  var detail: String { "global response norm" }

  var quietStart: QuietStart { QuietStart(passing: .allWithout([gamma.stored.name])) }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return input
  }

  func forward(_ input: Features) -> Features { input.scaled(by: factors(norms(input))) }

  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    let norms = norms(input)
    let factors = factors(norms)
    return (
      input.scaled(by: factors),
      { gradient in
        var (out, products, totals) = input.scaledPullback(gradient, by: factors)
        for (channel, pull) in pulls(totals: totals, products: products, norms, pass).enumerated() where pull != 0 {
          for time in 0..<input.shape.time {
            Elementwise.combine(
              &out.values, in: input.plane(time: time, channel: channel), scale: 1, with: input.values,
              scale: Float(pull), center: 0, shift: 0)
          }
        }
        return out
      }
    )
  }

  func factors(_ moments: MixedScale.Moments) -> [(scale: Float, shift: Float)] {
    factors(moments.squares.map { $0.squareRoot() })
  }

  func slopes(
    totals: [Double], products: [Double], _ moments: MixedScale.Moments, _ pass: Pass
  ) -> [ChannelSlope] {
    let norms = moments.squares.map { $0.squareRoot() }
    return zip(factors(norms), pulls(totals: totals, products: products, norms, pass)).map {
      ChannelSlope(scale: Double($0.scale), slope: $1)
    }
  }

  /// What each channel's input is multiplied by in the gradient: its norm G acts on its own scale and, through the mean, on
  /// those of all channels. Adds the gradients of gamma and beta.
  private func pulls(totals: [Double], products: [Double], _ norms: [Double], _ pass: Pass) -> [Double] {
    let divisor = mean(norms) + eps
    pass.add(zip(products, norms).map { Float($0 * $1 / divisor) }, to: gamma)
    pass.add(totals.map { Float($0) }, to: beta)
    let shares = zip(gamma.values, products).map { Double($0) * $1 }
    let common =
      zip(shares, norms).reduce(0.0) { $0 + $1.0 * $1.1 } / (divisor * divisor * Double(max(1, norms.count)))
    return zip(shares, norms).map { $1 > 0 ? ($0 / divisor - common) / $1 : 0 }
  }

  /// G of every channel.
  private func norms(_ input: Features) -> [Double] {
    (0..<input.shape.channels).map { channel in
      (0..<input.shape.time).reduce(0.0) {
        $0 + Reduction.sumOfSquares(input.values, in: input.plane(time: $1, channel: channel))
      }.squareRoot()
    }
  }

  private func mean(_ norms: [Double]) -> Double { norms.reduce(0, +) / Double(max(1, norms.count)) }

  /// The norm as a scale and shift of every channel.
  private func factors(_ norms: [Double]) -> [(scale: Float, shift: Float)] {
    let mean = mean(norms)
    return norms.enumerated().map { channel, norm in
      (Float(1 + Double(gamma.values[channel]) * norm / (mean + eps)), beta.values[channel])
    }
  }
}
