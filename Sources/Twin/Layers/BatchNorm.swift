import Base
import Kernels

/// Normalisation by the running statistics of training, scaled and shifted per channel.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: torch.nn.BatchNorm3d in eval mode; SEMANTICS 8
struct BatchNorm: NamedLayer, SampleLayer {
  static let typeNames = ["batch"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let factors: [(scale: Float, shift: Float)]

  init(_ site: inout Site) throws {
    guard !site.context.isFlat else { throw site.flatFailure() }
    let eps = try site.options.double("eps") ?? 1e-5
    let affine = try site.options.bool("affine") ?? true
    site.options.ignore("momentum")
    try site.options.finish()
    try self.init(site.weights, channels: site.inputChannels, eps: eps, affine: affine)
  }

  init(_ weights: Weights, channels: Int, eps: Double = 1e-5, affine: Bool = true) throws {
    name = weights.prefix
    outputChannels = channels
    let weight = affine ? try weights.parameter("weight", [channels]) : nil
    let bias = affine ? try weights.parameter("bias", [channels]) : nil
    let mean = try weights.parameter("running_mean", [channels], isBuffer: true)
    let variance = try weights.parameter("running_var", [channels], isBuffer: true)
    var count =
      weights.has("num_batches_tracked")
      ? try weights.parameter("num_batches_tracked", [], isBuffer: true, isRead: false) : nil
    count?.stored.dead = "counts training batches; evaluation does not read it"
    tensors = [weight, bias, mean, variance, count].compactMap(\.?.stored)
    factors = mean.values.indices.map { channel in
      let scale = Double(weight?.values[channel] ?? 1) / (Double(variance.values[channel]) + eps).squareRoot()
      return (Float(scale), Float(Double(bias?.values[channel] ?? 0) - scale * Double(mean.values[channel])))
    }
  }

  var detail: String { "batch norm" }

  var reach: Reach { .frame }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return input
  }

  func forward(_ input: Features) -> Features {
    input.scaled(by: factors)
  }
}
