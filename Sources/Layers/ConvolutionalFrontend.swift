import Base
import Formats

/// One convolution block as a frontend.
///
/// - Shapes: `[batch, channel, time, height, width]` -> `[batch, out channel, time', height', width']`
/// - Source: SEMANTICS 5
struct ConvolutionalFrontend: NamedLayer {
  static let typeNames = ["conv"]

  private let block: ConvBlock

  init(_ site: inout Site) throws {
    let outChannels = try site.options.required("out_channels", try site.options.size("out_channels"))
    block = try ConvBlock(
      site.weights, &site.options, inputChannels: site.inputChannels, outChannels: outChannels, context: site.context)
  }

  var name: String { block.name }
  var detail: String { "convolution block" }
  var children: [any Layer] { block.children }
  var outputChannels: Int { block.outputChannels }

  func outputShape(for input: FeatureShape) throws -> FeatureShape { try block.outputShape(for: input) }
  func forward(_ batch: FeatureBatch) throws -> FeatureBatch { try block.forward(batch) }
  func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch { try block.traced(batch, pass) }
  func visitParts(of input: ChannelParts, _ visit: PartsVisitor) -> ChannelParts { block.visitParts(of: input, visit) }
  func node(for input: FeatureShape) throws -> ArchitectureNode { try block.node(for: input) }
}

extension ConvolutionalFrontend: TemporalFilters {
  /// Those of its convolution; of a depthwise one those of the channels, before they are mixed.
  func temporalKernels(from source: any ArraySource) throws -> [TemporalKernel] {
    try block.children.compactMap { $0 as? Convolution3D }.first?.temporalKernels(from: source) ?? []
  }
}
