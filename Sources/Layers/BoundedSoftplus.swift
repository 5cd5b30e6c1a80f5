import Base
import Foundation
import Kernels

/// Softplus whose sharpness is learned within bounds.
///
/// - Shapes: any -> same
/// - Source: softplus(b x) / b with b = clamp(exp(log_beta), beta_min, beta_max); SEMANTICS 9
struct BoundedSoftplus: NamedLayer, SampleLayer {
  static let typeNames = ["bsoftplus"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let sharpness: Parameter
  private let bounds: ClosedRange<Float>
  private let beta: Float

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    let start = Float(try site.options.double("beta_init") ?? 1)
    site.options.ignore("inplace")
    let low = Float(try site.options.double("beta_min") ?? 0.1)
    let high = Float(try site.options.double("beta_max") ?? 10)
    guard low > 0, low <= high else {
      throw Failure(.unsupported, "\(site.options.path("beta_min")): bounds \(low) to \(high) hold no positive number")
    }
    try site.options.finish()
    sharpness = try site.weights.parameter("log_beta", [], start: .constant(logf(start)))
    tensors = [sharpness.stored]
    bounds = low...high
    beta = min(max(expf(sharpness.values.first ?? 0), low), high)
  }

  var detail: String { "bounded softplus" }

  var reach: Reach { .frame }

  var quietStart: QuietStart { QuietStart(.never, isNonNegative: true) }

  func outputShape(for input: FeatureShape) throws -> FeatureShape { input }

  func forward(_ input: Features) -> Features {
    var out = input
    ElementFunction.softplus(beta: beta).apply(to: &out.values)
    return out
  }

  /// With y = softplus(b x) / b: dy/dx = sigmoid(b x), dy/db = (x sigmoid(b x) - y) / b.
  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    let output = forward(input)
    return (
      output,
      { gradient in
        var out = gradient
        ElementFunction.softplus(beta: beta).pullback(at: input.values, &out.values)
        // Out of its bounds, b no longer depends on the parameter.
        let isFree = bounds.contains(expf(sharpness.values.first ?? 0))
        let sum = Reduction.dot(out.values, input.values) - Reduction.dot(gradient.values, output.values)
        pass.add([isFree ? Float(sum) : 0], to: sharpness)
        return out
      }
    )
  }
}
