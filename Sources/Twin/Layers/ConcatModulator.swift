import Base

/// Encoded behaviour as further channels, the same at every time step and position.
///
/// - Shapes: `[batch, channel, time, height, width]` -> `[batch, channel + code, time, height, width]`
/// - Source: SEMANTICS 12
struct ConcatModulator: Modulator {
  static let typeNames = ["concat"]

  let name: String
  let outputChannels: Int
  private let inputChannels: Int
  private let encoder: MultilayerPerceptron

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    inputChannels = site.inputChannels
    encoder = try BehaviorEncoder(&site).perceptron
    outputChannels = inputChannels + encoder.outputCount
  }

  var detail: String { "concat of \(behaviorCount) behaviour columns as \(encoder.outputCount) channels" }
  var tensors: [StoredTensor] { encoder.tensors }
  var behaviorCount: Int { encoder.inputCount }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    var out = input
    out.channels += encoder.outputCount
    return out
  }

  func forward(_ input: Features, behavior: [Float]) -> Features {
    input.joined(Features(repeating: encoder(behavior), like: input.shape))
  }
}

extension Features {
  /// One value a channel, the same everywhere.
  init(repeating values: [Float], like other: FeatureShape) {
    var shape = other
    shape.channels = values.count
    var frame: [Float] = []
    frame.reserveCapacity(shape.frame)
    for value in values { frame.append(contentsOf: repeatElement(value, count: shape.plane)) }
    self.init(shape, (0..<shape.time).flatMap { _ in frame })
  }
}
