import Base
import Kernels

/// Every value divided by a power of the mean square of its neighbours, in channels (`lrn_channel`) or in a square of pixels
/// (`lrn_spatial`; with `pool_channels` over all channels).
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: Krizhevsky et al. 2012 as torch's local_response_norm computes it; TRAINING 11:
///   x / (k + alpha/size sum x^2)^beta over channels c - size//2 to c + (size-1)//2
struct LocalResponseNorm: NamedLayer, SampleLayer {
  static let typeNames = ["lrn_channel", "lrn_spatial", "lrn"]

  let name: String
  let detail: String
  let outputChannels: Int
  private let response: LocalResponse

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    let isSpatial = site.type == "lrn_spatial"
    let size = try site.options.size("size") ?? 5
    let alpha = try site.options.double("alpha") ?? 1e-4
    let beta = try site.options.double("beta") ?? 0.75
    let k = try site.options.double("k") ?? 1
    let poolsChannels = isSpatial ? try site.options.bool("pool_channels") ?? false : false
    for (key, value, smallest) in [("alpha", alpha, 0.0), ("beta", beta, 0.0), ("k", k, 1e-30)] {
      guard value >= smallest, value <= 1e6 else {
        throw Failure(
          .unsupported,
          "\(site.options.path(key)): \(value) is not a number \(key == "k" ? "above 0" : "of at least 0")",
          hint: "the divisor is (k + alpha mean square)^beta")
      }
    }
    try site.options.finish()
    response = LocalResponse(
      !isSpatial ? .channels : poolsChannels ? .pixelsOfAllChannels : .pixels, size: size, alpha: Float(alpha),
      beta: Float(beta), k: Float(k))
    detail =
      "local response norm over "
      + (isSpatial ? "\(size)x\(size) pixels\(poolsChannels ? " of all channels" : "")" : "\(size) channels")
  }

  var reach: Reach { .frame }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return input
  }

  func forward(_ input: Features) -> Features {
    let shape = input.shape
    return Features(
      shape, response(input.values, channels: shape.channels, height: shape.height, width: shape.width))
  }

  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    let shape = input.shape
    let (output, pooled) = response.traced(
      input.values, channels: shape.channels, height: shape.height, width: shape.width)
    return (
      Features(shape, output),
      { gradient in
        var out = gradient
        response.pullback(
          input.values, pooled, &out.values, channels: shape.channels, height: shape.height, width: shape.width)
        return out
      }
    )
  }
}
