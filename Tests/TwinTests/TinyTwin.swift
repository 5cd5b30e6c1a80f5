import Base
import Formats
import Twin

/// A twin of one block whose convolution passes its input through, so that the block's other steps can be seen alone.
struct TinyTwin {
  var channels = 2
  var block: [ConfigNode.Entry] = []
  var tensors: [String: Tensor] = [:]
  var outputActivation = "none"
  /// Read by two Gaussians instead of a mean over space, so that every value matters.
  var readsPlaces = false
  /// Type and options of a frontend; its tensors are named `frontend.…`.
  var frontend: (type: String, options: [ConfigNode.Entry])?
  /// Further entries of the configuration.
  var topLevel: [ConfigNode.Entry] = []
  /// Channels that come out of the frontend, where it changes their number.
  var frontendChannels: Int?

  /// What comes out of the block for one sample `[channel, time, height, width]`, as stage `s_convnet`.
  func convnet(_ input: Tensor) throws -> Tensor { try stage("s_convnet", input) }

  func stage(_ name: String, _ input: Tensor) throws -> Tensor {
    let stages = try network(outChannels: nil).forward(
      .init(stimulus: input.reshaped([1] + input.shape)), head: 0, stages: true
    ).stages
    guard let stage = stages.first(where: { $0.name == name }) else { return Tensor(zeros: [0]) }
    return stage.tensor.reshaped(Array(stage.tensor.shape.dropFirst()))
  }

  func network(outChannels: Int?) throws -> TwinNetwork {
    let source = source(outChannels: outChannels)
    return try TwinNetwork(
      architecture: TwinArchitecture(configuration: configuration, source: source), source: source)
  }

  func source(outChannels: Int? = nil) -> MemorySource {
    MemorySource(arrays: arrays(outChannels ?? inner * (doubles ? 2 : 1)))
  }

  func architecture() throws -> TwinArchitecture {
    try TwinArchitecture(configuration: configuration, source: source())
  }

  private var inner: Int { frontendChannels ?? channels }
  private var doubles: Bool { block.contains { $0.value == .string("splitrelu") } }

  private var configuration: ConfigNode {
    let conv = ConfigNode.map([.init("kernel_size", .list([.int(2), .int(1), .int(1)])), .init("bias", .bool(false))])
    let defaults: [ConfigNode.Entry] = ["norm_type", "act_type"].filter { key in !block.contains { $0.key == key } }
      .map { .init($0, .string("none")) }
    let params = ConfigNode.map([
      .init("channels", .list([.int(inner)])),
      .init("block_configs", .list([.map([.init("conv_params", conv)] + defaults + block)])),
    ])
    return .map(
      [
        .init("model_type", .string("v1")), .init("initial_input_channels", .int(channels)),
        .init(
          "frontend",
          frontend.map { .map([.init("type", .string($0.type)), .init("params", .map($0.options))]) } ?? .null),
        .init("convnet", .map([.init("type", .string("vanilla")), .init("params", params)])),
        .init("readout", .map([.init("type", .string(readsPlaces ? "gaussian" : "linear"))])),
        .init("output_activation", .string(outputActivation)),
      ] + topLevel)
  }

  private func arrays(_ outChannels: Int) -> [String: Tensor] {
    let channels = inner
    // Tap 1 of a causal kernel of two meets the step itself.
    var identity = Tensor(zeros: [channels, channels, 2, 1, 1])
    for channel in 0..<channels { identity.values[(channel * channels + channel) * 2 + 1] = 1 }
    var arrays = [
      "convnet.layers.0.components.conv.conv.weight": identity,
      "readout.fc.weight": Tensor(shape: [1, outChannels], values: [Float](repeating: 1, count: outChannels)),
    ]
    if readsPlaces {
      arrays["readout.fc.weight"] = nil
      arrays["readout.features.weight"] = Tensor(
        shape: [2, outChannels, 1, 1], values: (0..<2 * outChannels).map { 0.5 - 0.3 * Float($0 * 3 % 7) })
      arrays["readout.mean"] = Tensor(shape: [2, 2], values: [0.3, -0.4, -0.6, 0.2])
      arrays["readout.std"] = Tensor(shape: [2, 2], values: [1.2, 0.8, 0.9, 1.5])
      arrays["readout.theta"] = Tensor(shape: [2], values: [0.4, -0.7])
      arrays["readout.bias"] = Tensor(shape: [2], values: [0.1, -0.2])
    }
    for (name, tensor) in tensors {
      arrays[
        name.contains(".") && !name.hasPrefix("norm") && !name.hasPrefix("act.") && !name.hasPrefix("pool")
          ? name : "convnet.layers.0.components." + name] = tensor
    }
    return arrays
  }
}

/// Arrays in memory.
struct MemorySource: ArraySource {
  var arrays: [String: Tensor]

  var origin: String { "memory" }
  var arrayNames: [String] { arrays.keys.sorted() }
  func info(_ name: String) -> ArrayInfo? { arrays[name].map { ArrayInfo(shape: $0.shape, scalar: .float32) } }

  func tensor(_ name: String) throws -> Tensor {
    guard let tensor = arrays[name] else { throw Failure(.missing, "\(origin): no array `\(name)`") }
    return tensor
  }

  func tensor(_ name: String, rows: Range<Int>) throws -> Tensor { try tensor(name)[rows: rows] }
  func integers(_ name: String) throws -> [Int] { try tensor(name).values.map { Int($0) } }
  func doubles(_ name: String) throws -> [Double] { try tensor(name).values.map(Double.init) }
}
