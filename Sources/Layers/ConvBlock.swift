import Base
import Formats

/// Padding, convolution, norm, activation and pool in the order that the configuration gives.
///
/// Causal kernels of more than one time step are padded with the nearest pixel: in time on the recent side only, in
/// space by the configured amount. Other kernels are not padded at all when the order has a `pad` step, and by the
/// configured amount on all sides when it has none.
///
/// - Shapes: `[batch, in channel, time, height, width]` -> `[batch, out channel, time', height', width']`
/// - Source: SEMANTICS 6 to 10
struct ConvBlock: ConvolutionalBlock {
  let name: String
  let children: [any Layer]
  let outputChannels: Int
  /// Stride that a shortcut beside this block must take; nil where one was given as a list.
  let shortcutStride: Int?
  /// Acts in training alone, before the child of that number.
  private let dropout: (child: Int, rate: Double)?

  private static let defaultOrder = ["pad", "conv", "norm", "act", "dropout", "pool"]

  /// Reads a block's options and finishes them.
  init(_ weights: Weights, _ options: inout Section, inputChannels: Int, outChannels: Int, context: Site.Context) throws
  {
    name = weights.prefix
    let components = weights.scope("components")
    options.ignore("dim", "checkpointing")
    let rate = try options.rate("dropout")
    let order = try options.strings("order") ?? Self.defaultOrder
    for step in order where !Self.defaultOrder.contains(step) {
      throw options.unknown("order", "step", step, among: Self.defaultOrder)
    }
    guard Set(order).count == order.count else {
      throw Failure(.unsupported, "\(options.path("order")): a step is listed twice")
    }
    let causal = try options.bool("causal") ?? true
    // An absent key and a null one differ: VisionCore's defaults are a batch norm and a relu.
    let normType = try options.string("norm_type") ?? (options.has("norm_type") ? "none" : "batch")
    let conv = try Self.convolution(
      components.scope("conv"), options: &options, order: order, causal: causal, inputChannels: inputChannels,
      outChannels: outChannels, biasByDefault: normType.lowercased() == "none")
    var inner = context
    inner.isFlat = conv.isFlat

    var channels = inputChannels
    var layers: [any Layer] = []
    var dropout: (child: Int, rate: Double)?
    let normOptions = try options.section("norm_params")
    let actType = try options.string("act_type") ?? (options.has("act_type") ? "none" : "relu")
    let actOptions = try options.section("act_params")
    let poolOptions = options.node("pool_params")
    for step in order {
      switch step {
      case "conv":
        layers += conv.layers
        channels = outChannels
      case "norm":
        if normType.lowercased() != "none" {
          var site = Site(
            type: normType, options: normOptions, weights: components.scope("norm"), inputChannels: outChannels,
            context: inner)
          layers.append(try inner.factory.build(.norm, &site, named: options.path("norm_type")))
        }
      case "act":
        var site = Site(
          type: actType, options: actOptions, weights: components.scope("act"), inputChannels: channels, context: inner)
        guard actType.lowercased() != "none" else { continue }
        let layer = try inner.factory.build(.activation, &site, named: options.path("act_type"))
        channels = layer.outputChannels
        layers.append(layer)
      case "pool":
        guard let poolOptions, poolOptions.stringValue?.lowercased() != "none" else { continue }
        var pool = try Section(poolOptions, path: options.path("pool_params"))
        guard let type = try pool.string("type"), type.lowercased() != "none" else { continue }
        var site = Site(
          type: type, options: pool, weights: components.scope("pool"), inputChannels: outChannels, context: inner)
        layers.append(try inner.factory.build(.pool, &site, named: pool.path("type")))
      case "dropout":
        if rate > 0 { dropout = (layers.count, rate) }
      default: break
      }
    }
    self.dropout = dropout
    guard order.contains("conv") else {
      throw Failure(.unsupported, "\(options.path("order")): has no `conv` step")
    }
    shortcutStride = try Self.shortcutStride(convolution: conv.stride, pool: poolOptions, options: options)
    children = layers
    outputChannels = channels
    try options.finish()
  }

  var detail: String { "block" }

  var form: BlockForm {
    let places = children.indices.filter { children[$0] is Convolution3D }
    let (first, last) = (places.first ?? 0, places.last ?? 0)
    return BlockForm(
      filters: children.compactMap { ($0 as? Convolution3D)?.filter }, before: Array(children.prefix(first)),
      after: Array(children.dropFirst(last + 1)),
      hasPool: children.contains { $0 is WindowPool || $0 is AdaptivePool || $0 is SqueezePool })
  }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try children.reduce(input) { try $1.outputShape(for: $0) }
  }

  func forward(_ batch: FeatureBatch) throws -> FeatureBatch {
    var features = batch
    var index = 0
    while index < children.count {
      // From a norm over the whole sample on, samples have nothing in common: each goes through the rest by itself,
      // and what it takes stays in the cache.
      let chain = children[index...].prefix { $0 is any SampleLayer }.compactMap { $0 as? any SampleLayer }
      if let first = chain.first, first.reach == .sample {
        features = try features.mappingSamples { chain.reduce($1) { $1.forward($0) } }
        index += chain.count
      } else {
        features = try children[index].forward(features)
        index += 1
      }
    }
    return features
  }

  func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch {
    var features = batch
    var pullbacks: [Pullback] = []
    func append(_ traced: TracedBatch) {
      features = traced.output
      pullbacks.append(traced.pullback)
    }
    for (index, child) in children.enumerated() {
      if let dropout, dropout.child == index { append(try features.tracedDropout(dropout.rate, at: name, pass)) }
      append(try child.traced(features, pass))
    }
    if let dropout, dropout.child == children.count {
      append(try features.tracedDropout(dropout.rate, at: name, pass))
    }
    return (features, chained(pullbacks))
  }

  func visitParts(of input: ChannelParts, _ visit: PartsVisitor) -> ChannelParts {
    children.reduce(input) { $1.visitParts(of: $0, visit) }
  }

  func node(for input: FeatureShape) throws -> ArchitectureNode {
    var shape = input
    let nodes = try children.map { child in
      let node = try child.node(for: shape)
      shape = try child.outputShape(for: shape)
      return node
    }
    return ArchitectureNode(self, output: shape, children: nodes)
  }

  // MARK: - Convolution

  private struct Built {
    var layers: [any Layer]
    var isFlat: Bool
    var stride: [Int]
  }

  private static func convolution(
    _ weights: Weights, options: inout Section, order: [String], causal: Bool, inputChannels: Int, outChannels: Int,
    biasByDefault: Bool
  ) throws -> Built {
    var params = try options.section("conv_params")
    let type = try params.string("type") ?? "standard"
    guard ["standard", "depthwise"].contains(type) else {
      throw params.unknown("type", "convolution", type, among: ["standard", "depthwise"])
    }
    var geometry = Convolution3D.Geometry(
      kernel: try params.required("kernel_size", try params.triple("kernel_size", minimum: 1)))
    geometry.stride = try params.triple("stride", minimum: 1) ?? [1, 1, 1]
    geometry.dilation = try params.triple("dilation", minimum: 1) ?? [1, 1, 1]
    let padding = try params.triple("padding", minimum: 0) ?? [0, 0, 0]
    let hasBias = try params.bool("bias") ?? biasByDefault
    params.ignore("dim")
    let groups = try params.size("groups") ?? 1
    guard inputChannels % groups == 0, outChannels % groups == 0, groups == 1 || type == "standard" else {
      throw Failure(
        .unsupported, "\(params.path("groups")): \(groups) groups for \(inputChannels) to \(outChannels) channels")
    }
    if let mode = try params.string("padding_mode"), mode != "replicate" {
      throw params.unknown("padding_mode", "padding", mode, among: ["replicate"])
    }
    let weighting = try ConvolutionWeight.Options(&params)
    try params.finish()

    let hasPad = order.contains("pad")
    if hasPad, let pad = order.firstIndex(of: "pad"), let conv = order.firstIndex(of: "conv"), conv != pad + 1 {
      throw Failure(.unsupported, "\(options.path("order")): `pad` must stand right before `conv`")
    }
    if causal, geometry.kernel[0] > 1 {
      if hasPad {
        let space = (1...2).map { geometry.kernel[$0] > 1 ? padding[$0] : 0 }
        geometry.low = [(geometry.kernel[0] - 1) * geometry.dilation[0], space[0], space[1]]
        geometry.high = [0, space[0], space[1]]
      }
    } else if !hasPad {
      geometry.low = padding
      geometry.high = padding
    }

    if type == "standard" {
      let conv = try Convolution3D(
        weights.scope("conv"), inputChannels: inputChannels, outputChannels: outChannels, groups: groups,
        geometry: geometry, options: weighting, hasBias: hasBias)
      return Built(layers: [conv], isFlat: geometry.kernel[0] == 1, stride: geometry.stride)
    }
    let depthwise = try Convolution3D(
      weights.scope("depthwise"), inputChannels: inputChannels, outputChannels: inputChannels, groups: inputChannels,
      geometry: geometry, options: weighting, hasBias: false, kind: "depthwise conv")
    var plain = ConvolutionWeight.Options()
    plain.usesWeightNorm = weighting.usesWeightNorm
    let pointwise = try Convolution3D(
      weights.scope("pointwise"), inputChannels: inputChannels, outputChannels: outChannels,
      geometry: .init(kernel: [1, 1, 1]), options: plain, hasBias: hasBias)
    return Built(layers: [depthwise, pointwise], isFlat: geometry.kernel[0] == 1, stride: geometry.stride)
  }

  /// The stride of the convolution times the pool's, the latter only where the key is written.
  private static func shortcutStride(convolution: [Int], pool: ConfigNode?, options: Section) throws -> Int? {
    guard Set(convolution).count == 1, options.isScalar("conv_params", "stride") else { return nil }
    guard let stride = pool?["stride"], !stride.isNull else { return convolution[0] }
    return stride.intValue.map { convolution[0] * $0 }
  }
}

extension Section {
  /// Whether `section.key` is absent or one number.
  func isScalar(_ section: String, _ key: String) -> Bool {
    var copy = self
    guard let node = copy.node(section)?[key], !node.isNull else { return true }
    return node.listValue == nil
  }
}
