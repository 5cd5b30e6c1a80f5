import Base
import Kernels

/// ReLU with one learned slope below zero.
///
/// - Shapes: any -> same
/// - Source: torch.nn.PReLU with one parameter; SEMANTICS 9
struct ParametricReLU: NamedLayer, SampleLayer {
  static let typeNames = ["PReLU"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let slope: Float

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    site.options.ignore("inplace")
    try site.options.finish()
    let parameter = try site.weights.parameter("weight", [1])
    tensors = [parameter.stored]
    slope = parameter.values.first ?? 0
  }

  var detail: String { "PReLU" }

  var reach: Reach { .frame }

  func outputShape(for input: FeatureShape) throws -> FeatureShape { input }

  func forward(_ input: Features) -> Features {
    var out = input
    ElementFunction.leakyRelu(slope: slope).apply(to: &out.values)
    return out
  }
}
