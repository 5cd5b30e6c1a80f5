import Base
import Metrics

/// A report's receptive fields: all cells in numbers, a few cells as maps.
package struct ReportFields {
  /// One cell's numbers, without its maps.
  package struct Cell {
    package var numbers: FieldNumbers?
    package var modelNumbers: FieldNumbers?
    /// Correlation of the data's and the model's maps, of the kind from which the data's numbers are read.
    package var alike: Double?
    /// What noise with as many spikes reaches; nil where no field can be clear.
    package var noiseFloor: Double?
    package var isClear = false
  }

  /// A cell whose maps are shown.
  package struct Shown {
    /// `best`, `median`, …: the cell's place by score.
    package var place: String
    package var row: FieldTable.Row
    package var score: Double
  }

  package let stimulus: String
  package let frameCount: Int
  package let lagCount: Int
  package let scale: FieldScale
  /// The stimulus whose bits/spike decide which cells are best and worst.
  package let rankedOn: String
  package private(set) var cells: [CellID: Cell] = [:]
  package private(set) var shown: [Shown] = []

  package init(
    _ fields: MeasuredFields, stimulus: String, rankedBy ranking: JudgedStimulus, cancellation: Cancellation
  ) throws {
    self.stimulus = stimulus
    rankedOn = ranking.stimulus
    frameCount = fields.frameCount
    lagCount = fields.lagCount
    scale = fields.scale
    for cell in fields.cids.indices {
      try cancellation.check()
      let row = FieldTable.row(fields, cell, map: nil)
      cells[row.cid] = Cell(
        numbers: row.numbers, modelNumbers: row.modelNumbers,
        alike: row.numbers.flatMap { row.correlation($0.map) },
        noiseFloor: row.noiseFloor, isClear: row.isClear)
    }
    let order = ranking.part.scores.compactMap { scores in scores.bitsPerSpike.value.map { (scores.cid, $0) } }
      .filter { cells[$0.0]?.numbers != nil && cells[$0.0]?.modelNumbers != nil }
      .sorted { ($0.1, $1.0) > ($1.1, $0.0) }
    for (place, name) in Self.places(order.count) {
      guard let cell = fields.cids.firstIndex(of: order[place].0) else { continue }
      // Both maps of the kind with the larger SNR in the data.
      let kind = cells[order[place].0]?.numbers?.map
      shown.append(Shown(place: name, row: FieldTable.row(fields, cell, map: kind), score: order[place].1))
    }
  }

  /// Best, median and worst of `count` cells, then the ones next to them.
  private static func places(_ count: Int) -> [(place: Int, name: String)] {
    guard count > 0 else { return [] }
    let middle = (count - 1) / 2
    let wanted = [
      (0, "best"), (middle, "median"), (count - 1, "worst"), (1, "2nd best"), (middle + 1, "next to the median"),
      (count - 2, "2nd worst"),
    ]
    var seen: Set<Int> = []
    return wanted.filter { (0..<count).contains($0.0) && seen.insert($0.0).inserted }
  }

  /// Cells whose field in the data is clear of the noise.
  package var clear: [Cell] { cells.values.filter(\.isClear) }
}
