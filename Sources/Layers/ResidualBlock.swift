import Base

/// A block plus a shortcut around it, cropped to the block's output.
///
/// The shortcut is a 1x1x1 convolution without bias where channels or stride change, else the input itself. Where it
/// is larger than the block's output, time keeps its last steps and space its centre; it is never padded.
///
/// - Shapes: `[batch, in channel, time, height, width]` -> `[batch, out channel, time', height', width']`
/// - Source: SEMANTICS 11
struct ResidualBlock: ConvolutionalBlock {
  let name: String
  let outputChannels: Int
  private let block: ConvBlock
  private let shortcut: Convolution3D?
  private let activation: (any Layer)?

  init(
    _ weights: Weights, _ options: inout Section, inputChannels: Int, outChannels: Int, context: Site.Context,
    activation: (any Layer)?
  ) throws {
    name = weights.prefix
    self.activation = activation
    options.ignore("out_channels", "channel_multiplier")
    block = try ConvBlock(
      weights.scope("main_block"), &options, inputChannels: inputChannels, outChannels: outChannels, context: context)
    outputChannels = block.outputChannels
    guard let stride = block.shortcutStride else {
      throw Failure(.unsupported, "\(options.path): strides given as lists do not work in a residual block")
    }
    guard stride != 1 || inputChannels != outputChannels else {
      shortcut = nil
      return
    }
    var geometry = Convolution3D.Geometry(kernel: [1, 1, 1])
    geometry.stride = [stride, stride, stride]
    geometry.padding = .zero
    shortcut = try Convolution3D(
      weights.scope("shortcut"), inputChannels: inputChannels, outputChannels: outputChannels, geometry: geometry,
      hasBias: false, kind: "shortcut")
  }

  var detail: String { "residual block" }

  var children: [any Layer] { [block] + [shortcut, activation].compactMap { $0 } }

  var form: BlockForm {
    var form = block.form
    (form.isResidual, form.shortcut, form.last) = (true, shortcut?.tensors.first, activation)
    return form
  }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    let main = try block.outputShape(for: input)
    let side = try shortcut?.outputShape(for: input) ?? input
    guard main.time <= side.time, main.height <= side.height, main.width <= side.width else {
      throw Failure(
        .mismatch,
        "\(name): the main path gives \(main), larger than its shortcut \(side), which is never padded (input \(input): channel, time, height, width)"
      )
    }
    return main
  }

  func forward(_ batch: FeatureBatch) throws -> FeatureBatch {
    let main = try block.forward(batch)
    let (first, counts) = try (shortcut?.outputShape(for: batch.shape) ?? batch.shape).lastAndCentre(main.shape)
    let side =
      try shortcut?.forward(batch, outputs: first, counts: counts) ?? batch.cropped(first, counts)
    let sum = main.adding(side)
    return try activation?.forward(sum) ?? sum
  }

  func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch {
    let main = try block.traced(batch, pass)
    let (first, counts) = try (shortcut?.outputShape(for: batch.shape) ?? batch.shape).lastAndCentre(
      main.output.shape)
    let side =
      try shortcut?.traced(batch, outputs: first, counts: counts, pass) ?? batch.tracedCropped(first, counts)
    let sum = main.output.tracedAdding(side.output)
    let last = try activation?.traced(sum.output, pass) ?? (sum.output, { $0 })
    return (
      last.output,
      { gradient in
        let parts = sum.pullback(try last.pullback(gradient))
        return try main.pullback(parts.own).adding(side.pullback(parts.other))
      }
    )
  }

  func visitParts(of input: ChannelParts, _ visit: PartsVisitor) -> ChannelParts {
    let parts = block.visitParts(of: input, visit)
    if let shortcut {
      _ = shortcut.visitParts(of: input, visit)
      // Its output is added to the block's, so that its channels are put together in the same way.
      for tensor in shortcut.tensors where tensor.shape.first == outputChannels { visit(tensor, 0, [parts]) }
    }
    return activation?.visitParts(of: parts, visit) ?? parts
  }

  func node(for input: FeatureShape) throws -> ArchitectureNode {
    let output = try outputShape(for: input)
    var nodes = [try block.node(for: input)]
    if let shortcut { nodes.append(try shortcut.node(for: input)) }
    if let activation { nodes.append(try activation.node(for: output)) }
    return ArchitectureNode(self, output: output, children: nodes)
  }
}
