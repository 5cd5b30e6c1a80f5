import Base

/// What a twin does around the readouts that are fitted, and where their fits begin.
package struct ReadoutModel: Sendable {
  package var rates = RateFunction.softplus
  /// What spike history adds to each readout, `[row, cell]`, by row of the features; nil without.
  package var history: Tensor?
  /// What is added after the activation, by cell; none where empty.
  package var baselines: [Double] = []
  /// The readout averages the map: it has weights and a bias, and no place.
  package var averagesSpace = false
  /// The readout that each cell has; nil for a cell that starts from its initialisation, none where empty.
  package var current: [CellReadout?] = []

  package init() {}

  func current(_ cell: Int) -> CellReadout? { current.isEmpty ? nil : current[cell] }
}
