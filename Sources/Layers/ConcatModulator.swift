import Base
import Kernels

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

  func forward(_ batch: FeatureBatch, behavior: [[Float]]) throws -> FeatureBatch {
    batch.joined(FeatureBatch(repeating: behavior.map { encoder($0) }, like: batch))
  }

  func traced(_ batch: FeatureBatch, behavior: [[Float]], _ pass: Pass) throws -> TracedModulation {
    let codes = try encoder.traced(behavior.flatMap { $0 }, pass)
    let spread = FeatureBatch.tracedRepeating(codes.output, like: batch)
    let joined = batch.tracedJoined(spread.output)
    return (
      joined.output,
      { gradient in
        let parts = joined.pullback(gradient)
        return (parts.own, try codes.pullback(spread.pullback(parts.other)))
      }
    )
  }
}

extension FeatureBatch {
  /// Codes of all samples, `[sample, channel]`, the same at every time step and position; the pullback sums over both.
  static func tracedRepeating(
    _ codes: [Float], like other: FeatureBatch
  ) -> (output: FeatureBatch, pullback: (Features) -> [Float]) {
    let count = codes.count / max(1, other.steps.count)
    let output = FeatureBatch(
      repeating: other.steps.indices.map { Array(codes[$0 * count..<($0 + 1) * count]) }, like: other)
    return (
      output,
      { gradient in
        (0..<codes.count).map { index in
          Float(Reduction.sum(gradient.values, in: gradient.plane(time: index / count, channel: index % count)))
        }
      }
    )
  }

  /// For each sample one value a channel, the same everywhere.
  init(repeating codes: [[Float]], like other: FeatureBatch) {
    var shape = other.shape
    shape.channels = codes.first?.count ?? 0
    let times = shape.time
    shape.time = codes.count
    var values: [Float] = []
    values.reserveCapacity(shape.count)
    for code in codes {
      for value in code { values.append(contentsOf: repeatElement(value, count: shape.plane)) }
    }
    self.init(
      Features(shape, values), steps: codes.indices.map { [Int](repeating: $0, count: times) }, like: other)
  }
}
