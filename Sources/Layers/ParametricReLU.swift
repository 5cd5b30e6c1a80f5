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
  private let slopes: Parameter

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    site.options.ignore("inplace", "init")
    let count = try site.options.size("num_parameters") ?? 1
    try site.options.finish()
    slopes = try site.weights.parameter("weight", [count], start: .constant(0.25))
    tensors = [slopes.stored]
  }

  var detail: String { "PReLU" }

  var reach: Reach { .frame }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    if slopes.stored.count > 1 { try checkChannels(input, slopes.stored.count) }
    return input
  }

  func forward(_ input: Features) -> Features {
    var out = input
    forEachSlope(input) { _, slope, range in ElementFunction.leakyRelu(slope: slope).apply(to: &out.values, in: range) }
    return out
  }

  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    (
      forward(input),
      { gradient in
        var out = gradient
        var sums = [Double](repeating: 0, count: slopes.values.count)
        forEachSlope(input) { index, slope, range in
          ElementFunction.leakyRelu(slope: slope).pullback(at: input.values, &out.values, in: range)
          sums[index] += Reduction.negativeDot(gradient.values, input.values, in: range)
        }
        pass.add(sums.map { Float($0) }, to: slopes)
        return out
      }
    )
  }

  /// The values that each slope governs.
  private func forEachSlope(_ input: Features, _ body: (_ index: Int, _ slope: Float, _ range: Range<Int>) -> Void) {
    guard slopes.stored.count > 1 else {
      body(0, slopes.values.first ?? 0, 0..<input.values.count)
      return
    }
    for time in 0..<input.shape.time {
      for (channel, slope) in slopes.values.enumerated() {
        body(channel, slope, input.plane(time: time, channel: channel))
      }
    }
  }
}
