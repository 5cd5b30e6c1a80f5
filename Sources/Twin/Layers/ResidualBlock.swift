import Base

/// A block plus a shortcut around it, cropped to the block's output.
///
/// The shortcut is a 1x1x1 convolution without bias where channels or stride change, else the input itself. Where it
/// is larger than the block's output, time keeps its last steps and space its centre; it is never padded.
///
/// - Shapes: `[batch, in channel, time, height, width]` -> `[batch, out channel, time', height', width']`
/// - Source: SEMANTICS 11
struct ResidualBlock: Layer {
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

  func forward(_ input: Features) -> Features {
    var out = block.forward(input)
    let counts = [out.shape.time, out.shape.height, out.shape.width]
    let sizes: [Int]
    if let shortcut, let side = try? shortcut.outputShape(for: input.shape) {
      sizes = [side.time, side.height, side.width]
    } else {
      sizes = [input.shape.time, input.shape.height, input.shape.width]
    }
    let first = [sizes[0] - counts[0], (sizes[1] - counts[1]) / 2, (sizes[2] - counts[2]) / 2]
    let side = shortcut?.forward(input, outputs: first, counts: counts) ?? input.cropped(first, counts)
    out.add(side)
    return activation?.forward(out) ?? out
  }

  func node(for input: FeatureShape) throws -> ArchitectureNode {
    let output = try outputShape(for: input)
    var nodes = [try block.node(for: input)]
    if let shortcut { nodes.append(try shortcut.node(for: input)) }
    if let activation { nodes.append(try activation.node(for: output)) }
    return ArchitectureNode(self, output: output, children: nodes)
  }
}
