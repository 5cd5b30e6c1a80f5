import Base
import Kernels

/// Global response normalisation: channels compete through their norm over time and space.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: ConvNeXt V2 (Woo et al. 2023), eq. 1-3, as VisionCore applies it (SEMANTICS 8):
///   G_c = |x_c|, n_c = G_c / (mean_c G + eps), gamma (x n_c) + beta + x
struct GlobalResponseNorm: NamedLayer, SampleLayer {
  static let typeNames = ["grn"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let eps: Double
  private let gamma: [Float]
  private let beta: [Float]

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    eps = try site.options.double("eps") ?? 1e-5
    try site.options.finish()
    let scale = try site.weights.parameter("gamma", [1, outputChannels, 1, 1, 1])
    let shift = try site.weights.parameter("beta", [1, outputChannels, 1, 1, 1])
    gamma = scale.values
    beta = shift.values
    tensors = [scale.stored, shift.stored]
  }

  var detail: String { "global response norm" }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return input
  }

  /// The norm as a scale and shift per channel, which depend on all of `input`.
  func affine(_ input: Features) -> [(scale: Float, shift: Float)] {
    let shape = input.shape
    let norms = (0..<shape.channels).map { channel in
      (0..<shape.time).reduce(0.0) {
        $0 + Reduction.sumOfSquares(input.values, in: input.plane(time: $1, channel: channel))
      }.squareRoot()
    }
    let mean = norms.reduce(0, +) / Double(max(1, norms.count))
    return norms.enumerated().map { channel, norm in
      (Float(1 + Double(gamma[channel]) * norm / (mean + eps)), beta[channel])
    }
  }

  func forward(_ input: Features) -> Features {
    input.scaled(by: affine(input))
  }
}
