import Base
import Metrics
import Session

/// Tuning in numbers and as curves.
struct TuningTable {
  var cells: [TunedCell]
  var conditions: GratingConditions
  var rateHz: Double
  var hasFrequency: Bool

  /// One row a cell.
  var summary: Table {
    Table(
      [
        Column("cid", cells.map { Optional($0.cid) }),
        Column("spikes", collecting: cells.map { Value.whole($0.spikes) }),
      ] + columns("", \.data) + columns("_model", \.model) + [
        Column("r", cells.map(\.correlation)), Column("reason", cells.map(\.reason)),
      ])
  }

  private func columns(_ suffix: String, _ side: (TunedCell) -> GratingTuning) -> [Column] {
    let sides = cells.map(side)
    return [
      Column("lag_ms" + suffix, sides.map { $0.lag.map { Double($0) / rateHz * 1000 } }, unit: "ms"),
      Column("ori" + suffix, sides.map(\.orientation), unit: "deg"), Column("osi" + suffix, sides.map(\.selectivity)),
      Column(
        "sf" + suffix, sides.map { hasFrequency ? $0.frequency.map { conditions.frequencies[$0] } : nil },
        unit: "cycles/deg"),
      Column("f1_f0" + suffix, sides.map(\.phaseRatio)),
    ]
  }

  /// A row for each cell and orientation, at the data's preferred spatial frequency (the model's where the data have none).
  var orientations: Table {
    curves("ori", unit: "deg", conditions.orientations) { cell, place in
      [place * conditions.frequencies.count + (cell.data.frequency ?? cell.model.frequency ?? 0)]
    }
  }

  /// A row for each cell and spatial frequency, over all orientations.
  var frequencies: Table {
    curves("sf", unit: "cycles/deg", conditions.frequencies) { _, place in
      conditions.orientations.indices.map { $0 * conditions.frequencies.count + place }
    }
  }

  private func curves(
    _ name: String, unit: String, _ values: [Double], _ members: (TunedCell, Int) -> [Int]
  ) -> Table {
    let rows = cells.flatMap { cell in values.indices.map { (cell: cell, place: $0, members: members(cell, $0)) } }
    func rate(_ side: GratingTuning, _ members: [Int]) -> Double? {
      let known = members.compactMap { side.means.indices.contains($0) ? side.means[$0] : nil }
      return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count) * rateHz
    }
    return Table([
      Column("cid", rows.map { Optional($0.cell.cid) }),
      Column(name, rows.map { Optional(values[$0.place]) }, unit: unit),
      Column(
        "frames",
        rows.map { row in
          let bins = row.cell.data.bins.isEmpty ? row.cell.model.bins : row.cell.data.bins
          return row.members.reduce(0) { $0 + (bins.indices.contains($1) ? bins[$1] : 0) }
        }),
      Column("data_hz", rows.map { rate($0.cell.data, $0.members) }, unit: "Hz"),
      Column("model_hz", rows.map { rate($0.cell.model, $0.members) }, unit: "Hz"),
      Column("reason", rows.map { $0.cell.reason }),
    ])
  }
}
