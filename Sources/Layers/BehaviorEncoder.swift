import Base

/// The perceptron through which a modulator reads behaviour.
///
/// - Shapes: `[batch, column]` -> `[batch, code]`
/// - Source: SEMANTICS 12: dims [64, 64], gelu and a residual by default
struct BehaviorEncoder: Sendable {
  let perceptron: MultilayerPerceptron

  /// Reads `behavior_dim` and `encoder_params` of a modulator and finishes its options.
  init(_ site: inout Site) throws {
    let inputs = try site.options.behaviorCount()
    // Always the convnet's channels, whatever is written.
    site.options.ignore("feature_dim")
    var encoder = try site.options.section("encoder_params")
    try site.options.finish()
    let type = try encoder.string("type") ?? "mlp"
    guard type == "mlp" else { throw encoder.unknown("type", "encoder", type, among: ["mlp"]) }
    let dims = try encoder.ints("dims") ?? [64, 64]
    guard let last = dims.last, dims.allSatisfy({ $0 > 0 }) else {
      throw Failure(.unsupported, "\(encoder.path("dims")): \(dims): sizes must be positive")
    }
    var options = MultilayerPerceptron.Options(
      hidden: Array(dims.dropLast()), output: last, activation: try encoder.string("activation") ?? "gelu",
      activationPath: encoder.path("activation"))
    options.hasBias = try encoder.bool("bias") ?? true
    options.isResidual = try encoder.bool("residual") ?? true
    options.activatesOutput = try encoder.bool("last_layer_activation") ?? false
    options.dropout = try encoder.rate("dropout")
    try encoder.finish()
    perceptron = try MultilayerPerceptron(
      site.weights.scope("encoder"), inputs: inputs, options: options, context: site.context)
  }
}

extension Section {
  /// Columns of behaviour that a modulator reads.
  mutating func behaviorCount() throws -> Int {
    let own = try size("behavior_dim")
    let other = try size("n_vars")
    return own ?? other ?? 2
  }
}
