import Base
import Fitting
import Twin

/// The Gaussian readouts of one head, as the twin's tensors hold them.
struct StoredReadouts {
  let cells: [CellReadout]
  let hasBias: Bool

  /// - Throws: `unsupported` where rates are no softplus of a Gaussian readout alone: their slopes would be others.
  init(of twin: LoadedTwin, head: Int) throws {
    let activation = twin.architecture.configuration["output_activation"]?.stringValue ?? "none"
    guard activation == "softplus" else {
      throw Failure(
        .unsupported, "`\(twin.name)` has output_activation `\(activation)`: gradients are known for softplus only")
    }
    let prefix = "readouts.\(head)."
    guard twin.source.info(prefix + "mean") != nil, twin.source.info(prefix + "features.weight") != nil else {
      throw Failure(
        .unsupported, "head \(head) of `\(twin.name)` has no Gaussian readout: gradients are known for these only")
    }
    guard !twin.architecture.parameters.contains(where: { $0.part == .baseline || $0.part == .history }) else {
      throw Failure(
        .unsupported,
        "`\(twin.name)` has baselines or spike history: its rates are not those of its readouts alone")
    }
    func values(_ name: String, _ count: Int) throws -> [Float] {
      let tensor = try twin.source.tensor(prefix + name)
      guard tensor.count == count else {
        throw Failure(.mismatch, "`\(prefix + name)` has shape \(tensor.shape) for \(count) numbers")
      }
      return tensor.values
    }
    let count = twin.architecture.heads[head].cellCount
    let weights = try twin.source.tensor(prefix + "features.weight")
    let channels = weights.count / max(1, count)
    guard weights.count == count * channels else {
      throw Failure(.mismatch, "`\(prefix)features.weight` has shape \(weights.shape) for \(count) cells")
    }
    let mean = try values("mean", 2 * count)
    let std = try values("std", 2 * count)
    let theta = try values("theta", count)
    hasBias = twin.source.info(prefix + "bias") != nil
    let bias = hasBias ? try values("bias", count) : [Float](repeating: 0, count: count)
    cells = (0..<count).map { cell in
      CellReadout(
        features: Array(weights.values[cell * channels..<(cell + 1) * channels]), meanY: mean[2 * cell],
        meanX: mean[2 * cell + 1], stdY: std[2 * cell], stdX: std[2 * cell + 1], theta: theta[cell], bias: bias[cell])
    }
  }
}
