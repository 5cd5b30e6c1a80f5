import Base
import Kernels

/// An activation without parameters, value by value.
///
/// - Shapes: any -> same
/// - Source: SEMANTICS 9; lower-case names of VisionCore and class names of torch.nn
struct PointwiseActivation: NamedLayer {
  static let typeNames = [
    "none", "identity", "Identity", "relu", "ReLU", "leakyrelu", "LeakyReLU", "gelu", "GELU", "silu", "swish", "SiLU",
    "mish", "Mish", "tanh", "Tanh", "sigmoid", "Sigmoid", "softplus", "Softplus", "elu", "ELU", "selu", "SELU", "CELU",
    "exp",
  ]

  let name: String
  let outputChannels: Int
  let detail: String
  let function: ElementFunction

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    detail = site.type
    site.options.ignore("inplace")
    switch site.type {
    case "relu", "ReLU": function = .relu
    case "leakyrelu", "LeakyReLU":
      function = .leakyRelu(slope: Float(try site.options.double("negative_slope") ?? 0.01))
    case "gelu", "GELU":
      let form = try site.options.string("approximate") ?? "none"
      guard ["none", "tanh"].contains(form) else {
        throw site.options.unknown("approximate", "approximation", form, among: ["none", "tanh"])
      }
      function = form == "tanh" ? .geluTanh : .gelu
    case "silu", "swish", "SiLU": function = .silu
    case "mish", "Mish": function = .mish
    case "tanh", "Tanh": function = .tanh
    case "sigmoid", "Sigmoid": function = .sigmoid
    case "softplus", "Softplus":
      if let threshold = try site.options.double("threshold"), threshold != 20 {
        throw Failure(.unsupported, "\(site.options.path("threshold")): only torch's default, 20")
      }
      function = .softplus(beta: Float(try site.options.double("beta") ?? 1))
    case "elu", "ELU": function = .elu(alpha: Float(try site.options.double("alpha") ?? 1))
    case "selu", "SELU": function = .elu(alpha: 1.6732632423543772, scale: 1.0507009873554805)
    case "CELU":
      guard try site.options.double("alpha") ?? 1 == 1 else {
        throw Failure(.unsupported, "\(site.options.path("alpha")): only torch's default, 1")
      }
      function = .elu()
    case "exp": function = .exp
    default: function = .identity
    }
    try site.options.finish()
  }

  func outputShape(for input: FeatureShape) throws -> FeatureShape { input }

  func forward(_ input: Features) -> Features {
    var out = input
    function.apply(to: &out.values)
    return out
  }
}
