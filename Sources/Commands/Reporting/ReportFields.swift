import Base
import Metrics
import Session

/// Receptive fields of all cells in numbers, and of a few cells as maps.
struct ReportFields {
  /// One cell's numbers, without its maps.
  struct Cell {
    var numbers: FieldNumbers?
    var modelNumbers: FieldNumbers?
    /// How alike data and model are, on the map that the data's numbers are read off.
    var alike: Double?
  }

  /// A cell whose maps are shown.
  struct Shown {
    var place: String
    var row: FieldTable.Row
    var score: Double
  }

  let stimulus: String
  let frameCount: Int
  let lagCount: Int
  let rateHz: Double
  let height: Int
  let width: Int
  /// Whose bits/spike tells which cells are best and worst.
  let rankedOn: String
  private(set) var cells: [CellID: Cell] = [:]
  private(set) var shown: [Shown] = []

  init(
    _ fields: MeasuredFields, stimulus: String, rankedBy ranking: ReportMaterial.Judged, cancellation: Cancellation
  ) throws {
    self.stimulus = stimulus
    rankedOn = ranking.stimulus
    frameCount = fields.frameCount
    lagCount = fields.lagCount
    rateHz = fields.rateHz
    height = fields.height
    width = fields.width
    for cell in fields.cids.indices {
      try cancellation.check()
      let row = FieldTable.row(fields, cell, map: nil)
      cells[row.cid] = Cell(
        numbers: row.numbers, modelNumbers: row.modelNumbers,
        alike: row.numbers.flatMap { row.correlation($0.map) })
    }
    let order = ranking.part.scores.compactMap { scores in scores.bitsPerSpike.value.map { (scores.cid, $0) } }
      .filter { cells[$0.0]?.numbers != nil && cells[$0.0]?.modelNumbers != nil }
      .sorted { ($0.1, $1.0) > ($1.1, $0.0) }
    for (place, name) in Self.places(order.count) {
      guard let cell = fields.cids.firstIndex(of: order[place].0) else { continue }
      // Both maps of the kind that tells more in the data.
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

  /// Cells whose own field stands clear of the noise.
  var clear: [Cell] { cells.values.filter { $0.numbers?.isClear ?? false } }
}
