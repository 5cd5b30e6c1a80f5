import Base
import Formats
import Layers

/// Past spike counts of all cells of a head, added to what the readout gives.
///
/// - Shapes: history `[batch, lag, cell]` -> `[batch, cell]`
/// - Source: SEMANTICS 2, 3, 12
struct HistoryEncoder: Sendable {
  /// What VisionCore builds for a history model whose configuration does not say.
  static let standard = ConfigNode.map([
    .init("type", .string("mlp")),
    .init(
      "params",
      .map([.init("num_lags", .int(standardLags)), .init("hidden_dims", .list([.int(32), .int(10)]))])),
  ])
  private static let standardLags = 5

  let lags: Int
  let cells: Int
  let perceptron: MultilayerPerceptron

  init(_ node: ConfigNode, weights: Weights, cells: Int, context: Site.Context) throws {
    var section = try Section(node, path: "history_encoder")
    let type = try section.string("type") ?? "none"
    guard type == "mlp" else { throw section.unknown("type", "history encoder", type, among: ["mlp", "none"]) }
    var params = try section.section("params")
    try section.finish()
    lags = try params.size("num_lags") ?? Self.standardLags
    self.cells = cells
    var options = MultilayerPerceptron.Options(
      hidden: try params.ints("hidden_dims") ?? [], output: cells,
      activation: try params.string("act_type") ?? "relu", activationPath: params.path("act_type"))
    options.norm = try params.string("norm_type") ?? "none"
    options.normPath = params.path("norm_type")
    options.isSpectral = try params.bool("spectral_norm") ?? false
    options.hasBias = try params.bool("bias") ?? true
    options.isResidual = try params.bool("residual") ?? false
    options.activatesOutput = try params.bool("output_activation") ?? false
    options.dropout = try params.rate("dropout")
    try params.finish()
    guard options.hidden.allSatisfy({ $0 > 0 }) else {
      throw Failure(.unsupported, "\(params.path("hidden_dims")): sizes must be positive")
    }
    perceptron = try MultilayerPerceptron(weights, inputs: lags * cells, options: options, context: context)
  }
}
