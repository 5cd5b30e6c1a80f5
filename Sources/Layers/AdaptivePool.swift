import Base
import Kernels

/// Maximum or mean over windows that divide each axis into a given number of parts.
///
/// - Shapes: `[batch, channel, time, height, width]` -> `[batch, channel, parts of time, of height, of width]`
/// - Source: torch.nn.AdaptiveAvgPool3d, AdaptiveMaxPool3d; SEMANTICS 10 (`kernel_size` is the output size)
struct AdaptivePool: NamedLayer, SampleLayer {
  static let typeNames = ["adaptiveavg", "adaptivemax"]

  let name: String
  let detail: String
  let outputChannels: Int
  private let pooling: AdaptivePooling

  init(_ site: inout Site) throws {
    guard !site.context.isFlat else { throw site.flatFailure() }
    name = site.weights.prefix
    outputChannels = site.inputChannels
    let parts = try site.options.required("kernel_size", try site.options.triple("kernel_size", minimum: 1))
    let isMaximum = site.type == "adaptivemax"
    pooling = AdaptivePooling(isMaximum ? .maximum : .average, parts: parts)
    site.options.ignore("stride", "padding")
    try site.options.finish()
    detail = "\(isMaximum ? "max" : "avg") pool to \(parts.map(String.init).joined(separator: "x"))"
  }

  /// Every channel is pooled by itself, also those that an activation has added.
  func visitParts(of input: ChannelParts, _ visit: PartsVisitor) -> ChannelParts { input }

  func outputShape(for input: FeatureShape) throws -> FeatureShape { try checked(pooled(input), for: input) }

  private func pooled(_ shape: FeatureShape) -> FeatureShape {
    FeatureShape(
      channels: shape.channels, time: pooling.parts[0], height: pooling.parts[1], width: pooling.parts[2])
  }

  func forward(_ input: Features) -> Features {
    let shape = input.shape
    return Features(
      pooled(shape),
      pooling(
        input.values, channels: shape.channels, time: shape.time, height: shape.height, width: shape.width))
  }

  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    let shape = input.shape
    return (
      forward(input),
      { gradient in
        Features(
          shape,
          pooling.pullback(
            gradient.values, input: input.values, channels: shape.channels, time: shape.time, height: shape.height,
            width: shape.width))
      }
    )
  }
}
