import Base
import Kernels

/// Features and embedded behaviour through a ConvGRU; its last step, mixed by a 1x1 convolution, is what remains.
///
/// - Shapes: `[batch, channel, time, height, width]` -> `[batch, hidden channel, 1, height, width]`
/// - Source: SEMANTICS 12
struct ConvGRUModulator: Modulator {
  static let typeNames = ["convgru"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  let behaviorCount: Int
  private let embedding: LinearMap
  private let unit: ConvGRU
  private let projection: Convolution3D

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    behaviorCount = try site.options.behaviorCount()
    let hidden = try site.options.size("hidden_dim") ?? site.inputChannels
    let code = try site.options.size("beh_emb_dim") ?? 16
    let kernel = try site.options.size("kernel_size") ?? 3
    site.options.ignore("feature_dim")
    site.options.ignoreRecurrentExtras()
    try site.options.finish()
    outputChannels = hidden
    embedding = LinearMap(
      try site.weights.parameter("beh_emb.weight", [code, behaviorCount], start: .uniform(fanIn: behaviorCount)),
      try site.weights.parameter("beh_emb.bias", [code], start: .uniform(fanIn: behaviorCount)), outputs: code,
      inputs: behaviorCount)
    unit = try ConvGRU(
      site.weights.scope("gru"), inputChannels: site.inputChannels + code, hidden: [hidden],
      kernelSizes: [kernel])
    projection = try Convolution3D(
      site.weights.scope("output_proj"), inputChannels: hidden, outputChannels: hidden,
      geometry: .init(kernel: [1, 1, 1]), hasBias: true, isPlanar: true)
    tensors = embedding.tensors + unit.tensors + projection.tensors
  }

  var detail: String { "convgru over features and \(behaviorCount) behaviour columns" }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    var inner = input
    inner.channels += embedding.outputs
    var out = try unit.outputShape(for: inner)
    out.time = 1
    return out
  }

  func forward(_ batch: FeatureBatch, behavior: [[Float]]) throws -> FeatureBatch {
    let codes = behavior.map { embedding($0) }
    var states = try unit.forward(batch.joined(FeatureBatch(repeating: codes, like: batch)))
    states.steps = states.steps.map { $0.suffix(1) }
    return try projection.forward(states)
  }

  func traced(_ batch: FeatureBatch, behavior: [[Float]], _ pass: Pass) throws -> TracedModulation {
    let codes = embedding.traced(behavior.flatMap { $0 }, pass)
    let spread = FeatureBatch.tracedRepeating(codes.output, like: batch)
    let joined = batch.tracedJoined(spread.output)
    var states = try unit.traced(joined.output, pass)
    states.output.steps = states.output.steps.map { $0.suffix(1) }
    let projected = try projection.traced(states.output, pass)
    return (
      projected.output,
      { gradient in
        let parts = joined.pullback(try states.pullback(projected.pullback(gradient)))
        return (parts.own, codes.pullback(spread.pullback(parts.other)))
      }
    )
  }
}
