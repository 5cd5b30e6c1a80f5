import Base

/// A cell's gain and offset as they are applied to its rates: on bins that took part in the calibration, the fit to the
/// other half of the bins, so that a score of the calibrated rates is not a score on what was fitted.
package struct CellRescaling: Sendable, Equatable {
  /// The fit to all bins, for bins that took no part; nil where there is none.
  package var all: GainOffset?
  /// The fits to the two halves of the bins; nil where the calibration fitted all bins at once, so that `all` is applied to
  /// every bin.
  package var halves: [GainOffset]?

  package init(all: GainOffset?, halves: [GainOffset]?) {
    self.all = all
    self.halves = halves
  }

  /// The calibrated rate of a bin, in counts per bin.
  ///
  /// - Parameter half: the half, 0 or 1, of the calibration's bins that the bin is in; nil for a bin that took no part.
  /// - Undefined: NaN where there is no fit for the bin.
  package func applied(to rate: Float, half: Int?) -> Float {
    guard let half, let halves else { return all?.applied(to: rate) ?? .nan }
    return halves.indices.contains(1 - half) ? halves[1 - half].applied(to: rate) : .nan
  }
}

extension Calibration {
  /// How each of its cells is rescaled, in their order. In the global modes all cells share the fit to all bins.
  package var rescalings: [CellRescaling] {
    cells.map { cell in
      let gain = cell.gain ?? shared?.gain
      let offset = cell.offset ?? shared?.offset
      return CellRescaling(
        all: gain.map { GainOffset(gain: $0, offset: offset ?? 0) }, halves: heldOut ? cell.halves : nil)
    }
  }
}

extension Predictions {
  /// The predictions with calibrated rates; NaN where a cell has no fit.
  ///
  /// - Parameters:
  ///   - cells: one for each cell.
  ///   - halves: the half of the calibration's bins that each row is in, nil for a row that took no part; no row took part
  ///     where nil.
  package func rescaled(by cells: [CellRescaling], halves: [Int?]? = nil) -> Predictions {
    precondition(cells.count == cellCount && halves.map { $0.count == frameCount } ?? true, "one fit a cell")
    var result = self
    for row in 0..<frameCount {
      for (column, cell) in cells.enumerated() {
        let index = row * cellCount + column
        result.rates.values[index] = cell.applied(to: rates.values[index], half: halves?[row])
      }
    }
    return result
  }
}
