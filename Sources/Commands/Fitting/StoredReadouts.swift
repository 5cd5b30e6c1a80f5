import Base
import Fitting
import Session
import Twin

/// The Gaussian readouts of one head, as the twin's tensors hold them.
struct StoredReadouts {
  let cells: [CellReadout]
  let hasBias: Bool

  /// - Throws: `unsupported` where rates are no softplus of a Gaussian readout alone: their slopes would be others.
  init(of twin: LoadedTwin, head: Int) throws {
    if let obstacle = ReadoutHead.obstacle(to: twin, adapter: head) { throw Failure(.unsupported, obstacle) }
    let prefix = "readouts.\(head)."
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
