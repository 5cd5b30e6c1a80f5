import Base

/// Tuning to gratings as numbers and as curves.
package struct TuningTable {
  private let cells: [TunedCell]
  private let conditions: GratingConditions
  private let rateHz: Double
  private let hasFrequency: Bool

  /// - Parameter hasFrequency: whether the recording has spatial frequencies.
  package init(cells: [TunedCell], conditions: GratingConditions, rateHz: Double, hasFrequency: Bool) {
    self.cells = cells
    self.conditions = conditions
    self.rateHz = rateHz
    self.hasFrequency = hasFrequency
  }

  // MARK: A row for each cell

  package struct SummaryRow: Sendable {
    var cell: TunedCell
    var rateHz: Double
    /// nil where the recording has none.
    var frequencies: [Double]?

    func lagMs(_ side: GratingTuning) -> Double? { side.lag.map { Double($0) / rateHz * 1000 } }
    func frequency(_ side: GratingTuning) -> Double? {
      side.frequency.flatMap { place in frequencies.map { $0[place] } }
    }
  }

  package static let summaryColumns =
    TableShape<SummaryRow>([
      .int("cid", "The cell's id in its recording") { $0.cell.cid },
      .count("spikes", "Spikes in valid bins") { $0.cell.spikes },
    ]) + columns("", "the data") { $0.data } + columns("_model", "the twin") { $0.model }
    + TableShape([
      .float("r", "Correlation of data and twin over conditions") { $0.cell.correlation },
      .string("reason", "Why a number is undefined") { $0.cell.reason },
    ])

  private static func columns(
    _ suffix: String, _ whose: String, _ side: @escaping @Sendable (TunedCell) -> GratingTuning
  ) -> TableShape<SummaryRow> {
    TableShape([
      .float("lag_ms" + suffix, unit: "ms", "Lag after the grating at which the mean responses of \(whose) vary most") {
        $0.lagMs(side($0.cell))
      },
      .float("ori" + suffix, unit: "deg", "Preferred orientation of \(whose): vector sum at the preferred sf") {
        side($0.cell).orientation
      },
      .float("osi" + suffix, "Orientation selectivity of \(whose): 1 minus the circular variance") {
        side($0.cell).selectivity
      },
      .float(
        "sf" + suffix, unit: "cycles/deg",
        "Preferred spatial frequency of \(whose): the largest mean over orientations"
      ) { $0.frequency(side($0.cell)) },
      .float("f1_f0" + suffix, "F1/F0 of \(whose): a sine fitted over phase at the strongest orientation") {
        side($0.cell).phaseRatio
      },
    ])
  }

  package var summary: Table {
    Self.summaryColumns.table(
      cells.map { SummaryRow(cell: $0, rateHz: rateHz, frequencies: hasFrequency ? conditions.frequencies : nil) })
  }

  // MARK: Curves

  /// One orientation or spatial frequency of a cell's curve.
  package struct CurveRow: Sendable {
    var cell: TunedCell
    var value: Double
    /// Indices of the conditions that are averaged.
    var members: [Int]
    var rateHz: Double

    var frames: Int {
      let bins = cell.data.bins.isEmpty ? cell.model.bins : cell.data.bins
      return members.reduce(0) { $0 + (bins.indices.contains($1) ? bins[$1] : 0) }
    }

    func hz(_ side: GratingTuning) -> Double? {
      let known = members.compactMap { side.means.indices.contains($0) ? side.means[$0] : nil }
      return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count) * rateHz
    }
  }

  package static let orientationColumns = curveColumns("ori", unit: "deg", "Orientation of the grating")
  package static let frequencyColumns = curveColumns("sf", unit: "cycles/deg", "Spatial frequency of the grating")

  private static func curveColumns(_ name: String, unit: String, _ help: String) -> TableShape<CurveRow> {
    TableShape([
      .int("cid", "The cell's id in its recording") { $0.cell.cid },
      .float(name, unit: unit, help) { $0.value },
      .int("frames", "Valid frames of the data at its lag after such a grating") { $0.frames },
      .float("data_hz", unit: "Hz", "Mean rate of the data at its own lag") { $0.hz($0.cell.data) },
      .float("model_hz", unit: "Hz", "Mean rate of the twin at its own lag") { $0.hz($0.cell.model) },
      .string("reason", "Why a number is undefined") { $0.cell.reason },
    ])
  }

  /// A row for each cell and orientation, at the data's preferred spatial frequency (the model's where the data have none).
  package var orientations: Table {
    curves(Self.orientationColumns, conditions.orientations) { cell, place in
      [place * conditions.frequencies.count + (cell.data.frequency ?? cell.model.frequency ?? 0)]
    }
  }

  /// A row for each cell and spatial frequency, over all orientations.
  package var frequencies: Table {
    curves(Self.frequencyColumns, conditions.frequencies) { _, place in
      conditions.orientations.indices.map { $0 * conditions.frequencies.count + place }
    }
  }

  private func curves(
    _ columns: TableShape<CurveRow>, _ values: [Double], _ members: (TunedCell, Int) -> [Int]
  ) -> Table {
    columns.table(
      cells.flatMap { cell in
        values.indices.map {
          CurveRow(cell: cell, value: values[$0], members: members(cell, $0), rateHz: rateHz)
        }
      })
  }
}
