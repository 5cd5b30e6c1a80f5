import Base
import Fitting
import Session
import Twin

/// The Gaussian readouts of one head, as the twin's tensors hold them.
struct StoredReadouts {
  let cells: [CellReadout]
  let hasBias: Bool

  /// - Throws: `unsupported` where rates are no softplus of a Gaussian readout alone: their gradients would be others.
  init(of twin: LoadedTwin, head: Int) throws {
    if let obstacle = ReadoutHead.obstacle(to: twin, adapter: head) { throw Failure(.unsupported, obstacle) }
    let readout = try GaussianReadout(stored: twin.source, head: head)
    cells = CellReadout.cells(of: readout)
    hasBias = readout.bias != nil
  }
}
