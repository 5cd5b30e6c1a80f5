import Base
import Kernels

/// ReLU with a learned slope below zero: one for all channels, or one for each.
///
/// - Shapes: any -> same
/// - Source: torch.nn.PReLU; SEMANTICS 9
struct ParametricReLU: NamedLayer, SampleLayer {
  static let typeNames = ["PReLU"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let slopes: [Float]
  private let slopeCount: Int

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    site.options.ignore("inplace", "init")
    let count = try site.options.size("num_parameters") ?? 1
    try site.options.finish()
    let parameter = try site.weights.parameter("weight", [count])
    tensors = [parameter.stored]
    slopes = parameter.values
    slopeCount = count
  }

  var detail: String { "PReLU" }

  var reach: Reach { .frame }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    if slopeCount > 1 { try checkChannels(input, slopeCount) }
    return input
  }

  func forward(_ input: Features) -> Features {
    var out = input
    guard slopeCount > 1 else {
      ElementFunction.leakyRelu(slope: slopes.first ?? 0).apply(to: &out.values)
      return out
    }
    for time in 0..<input.shape.time {
      for (channel, slope) in slopes.enumerated() {
        ElementFunction.leakyRelu(slope: slope).apply(
          to: &out.values, in: input.plane(time: time, channel: channel))
      }
    }
    return out
  }
}
