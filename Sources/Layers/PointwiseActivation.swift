import Base
import Foundation
import Kernels

/// An activation without parameters, value by value.
///
/// VisionCore's own names are read in any case (`relu`, `ReLU`); other classes of torch.nn go by their exact name and
/// take the options of that class.
///
/// - Shapes: any -> same
/// - Source: SEMANTICS 9; formulas of torch.nn
struct PointwiseActivation: NamedLayer, SampleLayer {
  static let typeNames =
    ["none", "identity", "relu", "leakyrelu", "gelu", "silu", "swish", "mish", "tanh", "sigmoid", "softplus"]
    + rare.keys.sorted() + ["ELU", "SELU", "CELU", "RReLU"]

  /// A function of one number and its derivative, which follows PyTorch's where there is a corner.
  struct Scalar: Sendable {
    var value: @Sendable (Float) -> Float
    var derivative: @Sendable (Float) -> Float

    init(_ value: @escaping @Sendable (Float) -> Float, derivative: @escaping @Sendable (Float) -> Float) {
      self.value = value
      self.derivative = derivative
    }
  }

  /// Too rare for a vectorised loop. NaN passes through each.
  private static let rare: [String: @Sendable (inout Section) throws -> Scalar] = [
    "Hardtanh": { options in
      let low = try options.float("min_val", default: -1)
      let high = try options.float("max_val", default: 1)
      guard low < high else {
        throw Failure(.unsupported, "\(options.path("max_val")): \(high) is not above min_val \(low)")
      }
      return Scalar({ min(max($0, low), high) }, derivative: { $0 > low && $0 < high ? 1 : 0 })
    },
    "ReLU6": { _ in Scalar({ min(max($0, 0), 6) }, derivative: { $0 > 0 && $0 < 6 ? 1 : 0 }) },
    "Hardsigmoid": { _ in
      Scalar({ min(max($0 / 6 + 0.5, 0), 1) }, derivative: { $0 > -3 && $0 < 3 ? 1 / 6 : 0 })
    },
    "Hardswish": { _ in
      Scalar({ $0 * min(max($0 / 6 + 0.5, 0), 1) }, derivative: { $0 <= -3 ? 0 : $0 < 3 ? $0 / 3 + 0.5 : 1 })
    },
    "Softsign": { _ in Scalar({ $0 / (1 + abs($0)) }, derivative: { 1 / ((1 + abs($0)) * (1 + abs($0))) }) },
    "LogSigmoid": { _ in Scalar({ min($0, 0) - log1pf(expf(-abs($0))) }, derivative: { 1 / (1 + expf($0)) }) },
    "Tanhshrink": { _ in Scalar({ $0 - tanhf($0) }, derivative: { tanhf($0) * tanhf($0) }) },
    "Softshrink": { options in
      let limit = try options.float("lambd", default: 0.5)
      return Scalar(
        { $0 > limit ? $0 - limit : $0 < -limit ? $0 + limit : 0 * $0 },
        derivative: { $0 >= -limit && $0 <= limit ? 0 : 1 })
    },
    "Hardshrink": { options in
      let limit = try options.float("lambd", default: 0.5)
      return Scalar(
        { $0 >= -limit && $0 <= limit ? 0 : $0 }, derivative: { $0 >= -limit && $0 <= limit ? 0 : 1 })
    },
    "Threshold": { options in
      let limit = Float(try options.required("threshold", try options.double("threshold")))
      let value = Float(try options.required("value", try options.double("value")))
      return Scalar({ $0 <= limit ? value : $0 }, derivative: { $0 <= limit ? 0 : 1 })
    },
  ]

  let name: String
  let outputChannels: Int
  let detail: String
  private let function: ElementFunction
  private let rare: Scalar?

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    detail = site.type
    site.options.ignore("inplace")
    if let build = Self.rare[site.type] {
      rare = try build(&site.options)
      function = .identity
    } else {
      (function, rare) = try Self.function(site.type, &site.options)
    }
    try site.options.finish()
  }

  private static func function(_ type: String, _ options: inout Section) throws -> (ElementFunction, Scalar?) {
    switch type {
    case "ELU": return (.elu(alpha: try options.float("alpha", default: 1)), nil)
    case "CELU":
      let alpha = try options.float("alpha", default: 1)
      guard alpha != 0 else { throw Failure(.unsupported, "\(options.path("alpha")): must not be 0") }
      return alpha == 1
        ? (.elu(), nil)
        : (
          .identity,
          Scalar(
            { max($0, 0) + min(alpha * expm1f($0 / alpha), 0) }, derivative: { $0 > 0 ? 1 : expf($0 / alpha) })
        )
    case "SELU": return (.elu(alpha: 1.6732632423543772, scale: 1.0507009873554805), nil)
    case "RReLU":
      // Random in training; evaluation takes the middle of the bounds.
      let low = try options.double("lower") ?? 1.0 / 8
      let high = try options.double("upper") ?? 1.0 / 3
      return (.leakyRelu(slope: Float((low + high) / 2)), nil)
    default: break
    }
    switch type.lowercased() {
    case "relu": return (.relu, nil)
    case "leakyrelu": return (.leakyRelu(slope: try options.float("negative_slope", default: 0.01)), nil)
    case "gelu":
      let form = try options.string("approximate") ?? "none"
      guard ["none", "tanh"].contains(form) else {
        throw options.unknown("approximate", "approximation", form, among: ["none", "tanh"])
      }
      return (form == "tanh" ? .geluTanh : .gelu, nil)
    case "silu", "swish": return (.silu, nil)
    case "mish": return (.mish, nil)
    case "tanh": return (.tanh, nil)
    case "sigmoid": return (.sigmoid, nil)
    case "softplus":
      let beta = try options.float("beta", default: 1)
      let threshold = try options.float("threshold", default: 20)
      guard beta != 0 else { throw Failure(.unsupported, "\(options.path("beta")): must not be 0") }
      guard beta < 0 || threshold != 20 else { return (.softplus(beta: beta), nil) }
      return (
        .identity,
        Scalar(
          { $0 * beta > threshold ? $0 : log1pf(expf($0 * beta)) / beta },
          derivative: { $0 * beta > threshold ? 1 : 1 / (1 + expf(-$0 * beta)) })
      )
    default: return (.identity, nil)
    }
  }

  var reach: Reach { .frame }

  /// Seen from a few values.
  var quietStart: QuietStart {
    func outputs(_ values: [Float]) -> [Float] {
      forward(Features(FeatureShape(channels: 1, time: 1, height: 1, width: values.count), values)).values
    }
    let small: Float = 0.01
    let near = outputs([0, small, -small]).map(abs)
    let isSilent = near[0] == 0 && near[1] + near[2] > small / 10 && near[1] + near[2] < 5 * small
    let (positive, negative): ([Float], [Float]) = ([0, 0.25, 1, 4], [-0.25, -1, -4])
    let passesPositive = outputs(positive) == positive
    let ofNegative = outputs(negative)
    return QuietStart(
      isSilent ? .smallInput : .never,
      passing: !passesPositive ? .none : ofNegative == negative ? .all : .nonNegative,
      isNonNegative: outputs(positive).contains { $0 < 0 } ? false : ofNegative.contains { $0 < 0 } ? nil : true)
  }

  func outputShape(for input: FeatureShape) throws -> FeatureShape { input }

  func forward(_ input: Features) -> Features {
    var out = input
    if let rare { out.values = out.values.map(rare.value) } else { function.apply(to: &out.values) }
    return out
  }

  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    (
      forward(input),
      { gradient in
        var out = gradient
        if let rare {
          out.values = zip(gradient.values, input.values).map { $0 * rare.derivative($1) }
        } else {
          function.pullback(at: input.values, &out.values)
        }
        return out
      }
    )
  }

  func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch {
    guard detail != "RReLU" || pass.mode != .train else {
      throw Failure(
        .unsupported, "\(name): RReLU draws its slopes at random in training",
        hint: "choose mode eval or train-dropout-off, where the slope is the middle of its bounds")
    }
    try batch.cancellation.check()
    let (frames, pullback) = traced(batch.frames, pass)
    return (batch.mappingFrames { _ in frames }, pullback)
  }
}

extension Section {
  fileprivate mutating func float(_ key: String, default fallback: Double) throws -> Float {
    Float(try double(key) ?? fallback)
  }
}
