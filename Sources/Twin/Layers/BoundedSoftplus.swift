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
  private let beta: Float

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    site.options.ignore("beta_init", "inplace")
    let low = Float(try site.options.double("beta_min") ?? 0.1)
    let high = Float(try site.options.double("beta_max") ?? 10)
    guard low > 0, low <= high else {
      throw Failure(.unsupported, "\(site.options.path("beta_min")): bounds \(low) to \(high) hold no positive number")
    }
    try site.options.finish()
    let parameter = try site.weights.parameter("log_beta", [])
    tensors = [parameter.stored]
    beta = min(max(expf(parameter.values.first ?? 0), low), high)
  }

  var detail: String { "bounded softplus" }

  var reach: Reach { .frame }

  func outputShape(for input: FeatureShape) throws -> FeatureShape { input }

  func forward(_ input: Features) -> Features {
    var out = input
    ElementFunction.softplus(beta: beta).apply(to: &out.values)
    return out
  }
}
