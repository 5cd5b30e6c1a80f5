import Base
import Kernels

/// Mean and variance over channels at every position (or along another axis), without parameters.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: (x - mean_axis x) / sqrt(mean_axis x^2 - (mean_axis x)^2 + eps); SEMANTICS 8
struct LayerNorm: NamedLayer, SampleLayer {
  static let typeNames = ["layer"]

  let name: String
  let outputChannels: Int
  private let eps: Float
  private let axis: NormAxis

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    eps = Float(try site.options.double("eps") ?? 1e-5)
    axis = try NormAxis(&site.options)
    // Accepted by VisionCore and without effect: this norm has no parameters.
    site.options.ignore("affine")
    try site.options.finish()
  }

  var detail: String { "layer norm over \(axis.rawValue)" }

  var reach: Reach { axis == .time ? .sample : .frame }

  var quietStart: QuietStart { QuietStart(.never) }

  func outputShape(for input: FeatureShape) throws -> FeatureShape { input }

  func forward(_ input: Features) -> Features {
    var out = input
    guard axis == .channels else {
      out.mapLines(along: axis) { line in
        let count = Double(line.count)
        let mean = Reduction.sum(line) / count
        let factor = 1 / (Reduction.sumOfSquares(line) / count - mean * mean + Double(eps)).squareRoot()
        return line.map { Float((Double($0) - mean) * factor) }
      }
      return out
    }
    ChannelNorm.layer(&out.values, channels: input.shape.channels, positions: input.shape.plane, eps: eps)
    return out
  }

  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    (
      forward(input),
      { gradient in
        var out = gradient
        guard axis == .channels else {
          out.mapLines(along: axis, with: input) { line, x in
            let count = Double(x.count)
            let mean = Reduction.sum(x) / count
            let factor = 1 / (Reduction.sumOfSquares(x) / count - mean * mean + Double(eps)).squareRoot()
            let sum = Reduction.sum(line) / count
            let inner = factor * factor * (Reduction.dot(line, x) / count - mean * sum)
            return zip(line, x).map { Float(factor * (Double($0) - sum - (Double($1) - mean) * inner)) }
          }
          return out
        }
        ChannelNorm.layerPullback(
          input.values, &out.values, channels: input.shape.channels, positions: input.shape.plane, eps: eps)
        return out
      }
    )
  }
}
