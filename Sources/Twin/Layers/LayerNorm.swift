import Base
import Kernels

/// Mean and variance over channels at every position, without parameters.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: (x - mean_c x) / sqrt(mean_c x^2 - (mean_c x)^2 + eps); SEMANTICS 8
struct LayerNorm: NamedLayer {
  static let typeNames = ["layer"]

  let name: String
  let outputChannels: Int
  private let eps: Float

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    eps = Float(try site.options.double("eps") ?? 1e-5)
    try site.checkTargetDimension()
    // Accepted by VisionCore and without effect: this norm has no parameters.
    site.options.ignore("affine")
    try site.options.finish()
  }

  var detail: String { "layer norm over channels" }

  func outputShape(for input: FeatureShape) throws -> FeatureShape { input }

  func forward(_ input: Features) -> Features {
    var out = input
    ChannelNorm.layer(&out.values, channels: input.shape.channels, positions: input.shape.plane, eps: eps)
    return out
  }
}
