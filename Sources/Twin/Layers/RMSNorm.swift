import Base
import Kernels

/// Root mean square over channels at every position, scaled and shifted per channel.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: x / sqrt(mean_c x^2 + eps) gamma + beta; SEMANTICS 8
struct RMSNorm: NamedLayer {
  static let typeNames = ["rms"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let eps: Float
  private let gamma: [Float]?
  private let beta: [Float]?

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    eps = Float(try site.options.double("eps") ?? 1e-5)
    try site.checkTargetDimension()
    let affine = try site.options.bool("affine") ?? true
    try site.options.finish()
    let scale = affine ? try site.weights.parameter("gamma", [outputChannels]) : nil
    let shift = affine ? try site.weights.parameter("beta", [outputChannels]) : nil
    gamma = scale?.values
    beta = shift?.values
    tensors = [scale, shift].compactMap(\.?.stored)
  }

  var detail: String { "rms norm over channels" }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return input
  }

  func forward(_ input: Features) -> Features {
    var out = input
    ChannelNorm.rms(
      &out.values, channels: input.shape.channels, positions: input.shape.plane, eps: eps, gamma: gamma, beta: beta)
    return out
  }
}

extension Site {
  /// Norms over channels are the only ones whose axis a file has been seen to choose.
  mutating func checkTargetDimension() throws {
    guard options.has("target_dim") else { return }
    guard let axis = try options.int("target_dim"), axis == 1 else {
      throw Failure(.unsupported, "\(options.path("target_dim")): only 1 (channels) is known")
    }
  }
}
