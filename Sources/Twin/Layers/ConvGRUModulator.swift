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
  private let embedding: (weight: [Float], bias: [Float])
  private let codeCount: Int
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
    codeCount = code
    let weight = try site.weights.parameter("beh_emb.weight", [code, behaviorCount])
    let bias = try site.weights.parameter("beh_emb.bias", [code])
    embedding = (weight.values, bias.values)
    unit = try ConvGRU(
      site.weights.scope("gru"), inputChannels: site.inputChannels + code, hidden: [hidden],
      kernelSizes: [kernel])
    projection = try Convolution3D(
      site.weights.scope("output_proj"), inputChannels: hidden, outputChannels: hidden,
      geometry: .init(kernel: [1, 1, 1]), hasBias: true, isPlanar: true)
    tensors = [weight.stored, bias.stored] + unit.tensors + projection.tensors
  }

  var detail: String { "convgru over features and \(behaviorCount) behaviour columns" }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    var inner = input
    inner.channels += codeCount
    var out = try unit.outputShape(for: inner)
    out.time = 1
    return out
  }

  func forward(_ batch: FeatureBatch, behavior: [[Float]]) throws -> FeatureBatch {
    let codes = behavior.map { row in
      var code = embedding.bias
      BLAS.sgemv(rows: code.count, columns: behaviorCount, a: embedding.weight, x: row, beta: 1, y: &code)
      return code
    }
    var states = try unit.forward(batch.joined(FeatureBatch(repeating: codes, like: batch)))
    states.steps = states.steps.map { $0.suffix(1) }
    return try projection.forward(states)
  }
}
