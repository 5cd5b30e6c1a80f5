import Base
import Formats
import Layers
import Testing

/// A small twin in which one kind of layer is seen, by options that the zoo has not.
struct LayerGradientCase: Sendable, CustomTestStringConvertible {
  /// Name of the layer's type, as registered.
  var layer: String
  var testDescription: String
  var block: [ConfigNode.Entry] = []
  var frontend: (type: String, options: [ConfigNode.Entry])?
  var frontendChannels: Int?
  var tensors: [String: Tensor] = [:]
  var modes: [PassMode] = [.eval]

  static let channels = 4

  var isActivation: Bool { block.contains { $0.key == "act_type" } }

  func twin() -> TinyTwin {
    var twin = TinyTwin(channels: Self.channels, block: block, tensors: tensors)
    twin.frontend = frontend
    twin.frontendChannels = frontendChannels
    twin.readsPlaces = true
    return twin
  }

  static let all: [LayerGradientCase] = norms + activations + pools + frontends

  // MARK: - Frontends

  private static func filters(_ written: String, _ options: [ConfigNode.Entry], _ tensors: [String: Tensor] = [:])
    -> Self
  {
    let size = 2
    var twin = LayerGradientCase(layer: "LearnableTemporal", testDescription: "learnable_temporal, \(written)")
    twin.frontend = (
      "learnable_temporal",
      [.init("kernel_size", .int(size)), .init("num_channels", .int(channels)), .init("bias", .bool(false))] + options
    )
    twin.tensors = tensors.merging(
      ["frontend.temporal_conv.conv.weight": numbers([channels, channels, size, 1, 1])]) { first, _ in first }
    return twin
  }

  private static let frontends: [LayerGradientCase] = [
    filters(
      "a learned delay", [.init("delay", .bool(true))],
      ["frontend.temporal_conv.conv.delay": Tensor(shape: [4], values: [0.3, -0.4, 0.6, -1.2])]),
    filters("dilation", [.init("dilation", .int(2))]),
    filters("mean of two frames", [.init("temporal_pool", .int(2))]),
    filters(
      "exponential mean", [.init("temporal_pool", .int(2)), .init("temporal_pool_type", .string("exponential"))],
      ["frontend.temporal_pool.rho": Tensor(shape: [4], values: [0.3, -0.4, 1.6, -1.2])]),
  ]

  // MARK: - Norms

  private static func norm(
    _ layer: String, _ type: String, _ options: [ConfigNode.Entry] = [], _ tensors: [String: [Int]] = [:],
    modes: [PassMode] = [.eval]
  ) -> LayerGradientCase {
    let written = options.map { "\($0.key) \($0.value.doubleValue ?? 1)" }.joined(separator: ", ")
    return LayerGradientCase(
      layer: layer, testDescription: "\(type) \(written)",
      block: [.init("norm_type", .string(type)), .init("norm_params", .map(options))],
      tensors: Dictionary(uniqueKeysWithValues: tensors.map { ("norm." + $0, numbers($1)) }), modes: modes)
  }

  private static let norms: [LayerGradientCase] = {
    let batch = norm(
      "BatchNorm", "batch", [], ["weight": [4], "bias": [4], "running_mean": [4], "running_var": [4]],
      modes: [.eval, .train])
    let group = ["weight": [4], "bias": [4]]
    let axes = (1...4).map { ConfigNode.Entry("target_dim", .int($0)) }
    return [
      batch, norm("GlobalResponseNorm", "grn", [], ["gamma": [1, 4, 1, 1, 1], "beta": [1, 4, 1, 1, 1]]),
      norm("GroupNorm", "group", [.init("num_groups", .int(2))], group),
      norm("GroupNorm", "instance", [.init("affine", .bool(true))], group), norm("GroupNorm", "instance"),
    ] + axes.map { norm("LayerNorm", "layer", [$0, .init("eps", .double(0.1))]) }
      + axes.map { norm("RMSNorm", "rms", [$0, .init("eps", .double(0.1))], ["gamma": [4], "beta": [4]]) }
      + [norm("RMSNorm", "rms", [.init("affine", .bool(false))])] + divisiveNorms
  }()

  /// Norms that VisionCore lacks.
  private static let divisiveNorms: [LayerGradientCase] = {
    let grn = ["gamma": [4], "beta": [4]]
    let rms = ["rms_g": [4], "rms_b": [4]]
    let temporal = ["rho": [4], "q": [4], "tg": [4], "tb": [4]]
    let perceptron = ["W1": [8, 3], "b1": [8], "W2": [8, 8], "b2": [8]]
    let strong = [ConfigNode.Entry("alpha", .double(1)), .init("beta", .double(0.6)), .init("size", .int(4))]
    let bank = ConfigNode.Entry("bank", .list([.string("none"), .string("lrn_channel"), .string("temporal")]))
    return [
      norm("LocalResponseNorm", "lrn_channel", strong), norm("LocalResponseNorm", "lrn_spatial", strong),
      norm("LocalResponseNorm", "lrn_spatial", strong + [.init("pool_channels", .bool(true))]),
      norm("TemporalContextNorm", "temporal_global_past", [], temporal),
      norm("TemporalContextNorm", "temporal_global_index", [], temporal),
      norm("TemporalContextNorm", "temporal_local_past", [.init("tau_min", .double(0.5))], temporal),
      norm("TemporalContextNorm", "temporal_local_index", [], temporal),
      norm("StimulusConditionedNorm", "stimcond_none", [], perceptron),
      norm("StimulusConditionedNorm", "stimcond_rms", [], perceptron),
      norm("StimulusConditionedNorm", "stimcond_instance", [], perceptron),
      norm("HybridNorm", "hybrid_rms_grn", [], grn.merging(rms) { first, _ in first }),
      norm("HybridNorm", "hybrid_temporal_grn", [], grn.merging(temporal) { first, _ in first }),
      norm("HybridNorm", "hybrid_instance_layer"),
      norm(
        "MixtureNorm", "mixture", [],
        grn.merging(rms) { first, _ in first }.merging(["theta": [4]]) { first, _ in first }),
      norm(
        "MixtureNorm", "mixture_perchannel",
        [.init("bank", .list(["group", "rms", "instance"].map { .string($0) }))],
        rms.merging(["group_g": [4], "group_b": [4], "theta_c": [3, 4]]) { first, _ in first }),
      norm("MixtureNorm", "mixture_perchannel", [bank], temporal.merging(["theta_c": [3, 4]]) { first, _ in first }),
    ]
  }()

  // MARK: - Activations

  private static func activation(
    _ layer: String, _ type: String, _ options: [ConfigNode.Entry] = [], _ tensors: [String: Tensor] = [:]
  ) -> LayerGradientCase {
    LayerGradientCase(
      layer: layer, testDescription: "\(type) \(options.map(\.key).joined(separator: ", "))",
      block: [.init("act_type", .string(type)), .init("act_params", .map(options))],
      tensors: Dictionary(uniqueKeysWithValues: tensors.map { ("act." + $0, $1) }))
  }

  private static let activations: [LayerGradientCase] =
    [
      "relu", "leakyrelu", "gelu", "silu", "mish", "tanh", "sigmoid", "softplus", "ELU", "SELU", "CELU", "Hardtanh",
      "ReLU6", "Hardsigmoid", "Hardswish", "Softsign", "LogSigmoid", "Tanhshrink", "Softshrink", "Hardshrink",
    ].map { activation("PointwiseActivation", $0) } + [
      activation("PointwiseActivation", "gelu", [.init("approximate", .string("tanh"))]),
      activation("PointwiseActivation", "softplus", [.init("beta", .double(2)), .init("threshold", .double(1))]),
      activation("PointwiseActivation", "CELU", [.init("alpha", .double(0.5))]),
      activation(
        "PointwiseActivation", "Threshold", [.init("threshold", .double(0.25)), .init("value", .double(0.25))]),
      activation("BoundedSoftplus", "bsoftplus", [], ["log_beta": Tensor(shape: [], values: [0.4])]),
      activation("ParametricReLU", "PReLU", [], ["weight": Tensor(shape: [1], values: [0.3])]),
      activation(
        "ParametricReLU", "PReLU", [.init("num_parameters", .int(4))],
        ["weight": Tensor(shape: [4], values: [0.3, -0.5, 1.5, 0])]),
      activation(
        "SplitReLU", "splitrelu", [.init("trainable_gain", .bool(true))],
        ["ongain": Tensor(shape: [1], values: [-0.7])]),
    ]

  // MARK: - Pools

  private static func pool(
    _ layer: String, _ options: [ConfigNode.Entry], _ tensors: [String: [Int]] = [:]
  ) -> LayerGradientCase {
    LayerGradientCase(
      layer: layer, testDescription: options.map { "\($0.key) \($0.value.stringValue ?? "")" }.joined(separator: " "),
      block: [.init("pool_params", .map(options))],
      tensors: Dictionary(uniqueKeysWithValues: tensors.map { ("pool." + $0, numbers($1)) }))
  }

  private static func sizes(_ key: String, _ values: Int...) -> ConfigNode.Entry {
    .init(key, .list(values.map { .int($0) }))
  }

  private static let pools: [LayerGradientCase] = {
    let gate = ["se.1.weight": [2, 4, 1, 1, 1], "se.1.bias": [2], "se.3.weight": [4, 2, 1, 1, 1], "se.3.bias": [4]]
    let ratio = ConfigNode.Entry("r", .int(2))
    return ["max", "avg"].map { type in
      pool(
        "WindowPool",
        [
          .init("type", .string(type)), sizes("kernel_size", 2, 3, 2), sizes("stride", 1, 2, 1),
          sizes("padding", 0, 1, 1),
        ])
    }
      + ["adaptivemax", "adaptiveavg"].map { type in
        pool("AdaptivePool", [.init("type", .string(type)), sizes("kernel_size", 2, 2, 3)])
      }
      + [true, false].map { isSoft in
        pool("SqueezePool", [.init("type", .string("se_pool")), ratio, .init("use_soft", .bool(isSoft))], gate)
      } + [
        pool(
          "SqueezePool", [.init("type", .string("aablur")), ratio, .init("stride", .int(1))],
          gate.merging(["blur": [1, 1, 3, 3]]) { first, _ in first }),
        pool(
          "LocalAttention",
          [.init("type", .string("locatt")), .init("channels", .int(4)), .init("chan_window", .int(1))],
          [
            "chan_conv1d.weight": [4, 1, 1], "chan_conv1d.bias": [4], "spatial_conv2d.weight": [4, 1, 3, 3],
            "spatial_conv2d.bias": [4],
          ]),
        pool(
          "LocalAttention",
          [.init("type", .string("locatt")), .init("channels", .int(4)), .init("chan_window", .int(3))],
          [
            "chan_conv1d.weight": [4, 4, 3], "chan_conv1d.bias": [4], "spatial_conv2d.weight": [4, 1, 3, 3],
            "spatial_conv2d.bias": [4],
          ]),
      ]
  }()

  /// Uneven positive numbers: variances may be among them.
  static func numbers(_ shape: [Int]) -> Tensor {
    Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { 0.3 + 0.17 * Float($0 * 5 % 7) })
  }
}
