import Base
import Foundation
import Kernels

/// An activation without parameters, value by value.
///
/// VisionCore's own names are read in any case (`relu`, `ReLU`); other classes of torch.nn go by their exact name and
/// take no options.
///
/// - Shapes: any -> same
/// - Source: SEMANTICS 9; formulas of torch.nn
struct PointwiseActivation: NamedLayer, SampleLayer {
  static let typeNames =
    ["none", "identity", "relu", "leakyrelu", "gelu", "silu", "swish", "mish", "tanh", "sigmoid", "softplus"]
    + rare.keys.sorted() + ["ELU", "SELU", "CELU"]

  /// Too rare for a vectorised loop.
  private static let rare: [String: @Sendable (Float) -> Float] = [
    "Hardtanh": { min(max($0, -1), 1) },
    "ReLU6": { min(max($0, 0), 6) },
    "Hardsigmoid": { min(max($0 / 6 + 0.5, 0), 1) },
    "Hardswish": { $0 * min(max($0 / 6 + 0.5, 0), 1) },
    "Softsign": { $0 / (1 + abs($0)) },
    "LogSigmoid": { min($0, 0) - log1pf(expf(-abs($0))) },
    "Tanhshrink": { $0 - tanhf($0) },
    "Softshrink": { $0 > 0.5 ? $0 - 0.5 : $0 < -0.5 ? $0 + 0.5 : 0 },
    "Hardshrink": { abs($0) > 0.5 ? $0 : 0 },
  ]

  let name: String
  let outputChannels: Int
  let detail: String
  private let function: ElementFunction
  private let rare: (@Sendable (Float) -> Float)?

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    detail = site.type
    site.options.ignore("inplace")
    rare = Self.rare[site.type]
    switch site.type {
    case "ELU", "CELU": function = .elu()
    case "SELU": function = .elu(alpha: 1.6732632423543772, scale: 1.0507009873554805)
    default:
      switch site.type.lowercased() {
      case "relu": function = .relu
      case "leakyrelu": function = .leakyRelu(slope: Float(try site.options.double("negative_slope") ?? 0.01))
      case "gelu":
        let form = try site.options.string("approximate") ?? "none"
        guard ["none", "tanh"].contains(form) else {
          throw site.options.unknown("approximate", "approximation", form, among: ["none", "tanh"])
        }
        function = form == "tanh" ? .geluTanh : .gelu
      case "silu", "swish": function = .silu
      case "mish": function = .mish
      case "tanh": function = .tanh
      case "sigmoid": function = .sigmoid
      case "softplus": function = .softplus()
      default: function = .identity
      }
    }
    try site.options.finish()
  }

  var reach: Reach { .frame }

  func outputShape(for input: FeatureShape) throws -> FeatureShape { input }

  func forward(_ input: Features) -> Features {
    var out = input
    if let rare { out.values = out.values.map(rare) } else { function.apply(to: &out.values) }
    return out
  }
}
