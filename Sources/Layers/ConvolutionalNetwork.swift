import Base

/// Convolution blocks in sequence, after an optional stem, with an optional activation at the end.
///
/// `vanilla` (also `cnn`, `conv`) runs block after block; in `resnet` each block has a shortcut around it; in
/// `densenet` each block's output is joined, as further channels, to its cropped input.
///
/// - Shapes: `[batch, in channel, time, height, width]` -> `[batch, out channel, time', height', width']`
/// - Source: SEMANTICS 11
struct ConvolutionalNetwork: NamedLayer {
  static let typeNames = ["vanilla", "cnn", "conv", "resnet", "densenet"]

  let name: String
  let detail: String
  let outputChannels: Int
  private let stem: ConvBlock?
  private let blocks: [any Layer]
  private let isDense: Bool
  private let activation: (any Layer)?

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    let kind = ["cnn", "conv"].contains(site.type) ? "vanilla" : site.type
    detail = kind
    isDense = kind == "densenet"
    site.options.ignore("dim", "checkpointing", "initial_channels", "base_channels", "height", "width")
    var channels = site.inputChannels
    if site.options.node("stem_config") != nil {
      var options = try site.options.section("stem_config")
      let outChannels = try options.required("out_channels", try options.size("out_channels"))
      let block = try ConvBlock(
        site.weights.scope("stem"), &options, inputChannels: channels, outChannels: outChannels, context: site.context)
      channels = block.outputChannels
      stem = block
    } else {
      stem = nil
    }

    let widths = try site.options.required("channels", try site.options.ints("channels"))
    var configurations = try site.options.required("block_configs", try site.options.sections("block_configs"))
    guard widths.count == configurations.count, widths.allSatisfy({ $0 > 0 }) else {
      throw Failure(
        .unsupported,
        "\(site.options.path("channels")): \(widths.count) numbers for \(configurations.count) block_configs")
    }
    let postType = try site.options.string("resnet_post_add_activation") ?? "none"
    if kind == "resnet", site.options.has("resnet_shortcut_norm_type") {
      let norm = try site.options.string("resnet_shortcut_norm_type") ?? "none"
      guard norm == "none" else {
        throw Failure(
          .unsupported, "\(site.options.path("resnet_shortcut_norm_type")): a norm on shortcuts is not known")
      }
    }
    var built: [any Layer] = []
    for (index, width) in widths.enumerated() {
      let scope = site.weights.scope("layers.\(index)")
      switch kind {
      case "resnet":
        let activation = try Self.activation(
          postType, site.options.path("resnet_post_add_activation"), scope.scope("post_add_activation"), site.context)
        built.append(
          try ResidualBlock(
            scope, &configurations[index], inputChannels: channels, outChannels: width, context: site.context,
            activation: activation))
        channels = built.last?.outputChannels ?? channels
      case "densenet":
        configurations[index].ignore("out_channels", "channel_multiplier")
        built.append(
          try ConvBlock(
            scope, &configurations[index], inputChannels: channels, outChannels: width, context: site.context))
        channels += built.last?.outputChannels ?? 0
      default:
        built.append(
          try ConvBlock(
            scope, &configurations[index], inputChannels: channels, outChannels: width, context: site.context))
        channels = built.last?.outputChannels ?? channels
      }
    }
    blocks = built
    activation = try Self.activation(
      try site.options.string("final_activation") ?? "none", site.options.path("final_activation"),
      site.weights.scope("final_activation"), site.context)
    outputChannels = activation.map { $0 is SplitReLU ? 2 * channels : channels } ?? channels
    try site.options.finish()
  }

  private static func activation(_ type: String, _ path: String, _ weights: Weights, _ context: Site.Context) throws
    -> (any Layer)?
  {
    guard type != "none" else { return nil }
    var site = Site(
      type: type, options: try Section(nil, path: path), weights: weights, inputChannels: 0, context: context)
    return try context.factory.build(.activation, &site, named: path)
  }

  var children: [any Layer] { [stem].compactMap { $0 } + blocks + [activation].compactMap { $0 } }

  func outputShape(for input: FeatureShape) throws -> FeatureShape { try walk(input) { _, _ in } }

  func forward(_ batch: FeatureBatch) throws -> FeatureBatch {
    var features = try stem?.forward(batch) ?? batch
    for block in blocks {
      let out = try block.forward(features)
      features = isDense ? features.cropped(like: out.shape).joined(out) : out
    }
    return try activation?.forward(features) ?? features
  }

  func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch {
    var (features, first) = try stem?.traced(batch, pass) ?? (batch, { $0 })
    var pullbacks: [Pullback] = [first]
    for block in blocks {
      let (out, pullback) = try block.traced(features, pass)
      guard isDense else {
        features = out
        pullbacks.append(pullback)
        continue
      }
      let before = features.tracedCropped(like: out.shape)
      let joined = before.output.tracedJoined(out)
      features = joined.output
      pullbacks.append { gradient in
        let parts = joined.pullback(gradient)
        return try before.pullback(parts.own).adding(pullback(parts.other))
      }
    }
    let last = try activation?.traced(features, pass) ?? (features, { $0 })
    return (last.output, chained(pullbacks + [last.pullback]))
  }

  func visitParts(of input: ChannelParts, _ visit: PartsVisitor) -> ChannelParts {
    var parts = stem?.visitParts(of: input, visit) ?? input
    for block in blocks {
      let own = block.visitParts(of: parts, visit)
      parts = isDense ? parts + own : own
    }
    return activation?.visitParts(of: parts, visit) ?? parts
  }

  func node(for input: FeatureShape) throws -> ArchitectureNode {
    var nodes: [ArchitectureNode] = []
    let output = try walk(input) { nodes.append(try $0.node(for: $1)) }
    return ArchitectureNode(self, output: output, children: nodes)
  }

  /// Shapes from step to step; `visit` gets each layer with its input.
  private func walk(_ input: FeatureShape, _ visit: (any Layer, FeatureShape) throws -> Void) throws -> FeatureShape {
    var shape = input
    if let stem {
      try visit(stem, shape)
      shape = try stem.outputShape(for: shape)
    }
    for block in blocks {
      try visit(block, shape)
      var out = try block.outputShape(for: shape)
      if isDense {
        guard out.time <= shape.time, out.height <= shape.height, out.width <= shape.width else {
          throw Failure(.mismatch, "\(block.name): gives \(out), larger than the input \(shape) that it is joined to")
        }
        out.channels += shape.channels
      }
      shape = out
    }
    if let activation {
      try visit(activation, shape)
      shape = try activation.outputShape(for: shape)
    }
    return shape
  }
}
