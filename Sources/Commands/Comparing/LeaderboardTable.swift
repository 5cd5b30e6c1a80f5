import Base
import Metrics
import Session
import Workspace

/// Stored scores of many twins, ranked within what can be compared.
struct LeaderboardTable {
  private struct Group: Hashable, Comparable {
    var stimulus: String
    var split: String
    var variant: String

    static func < (a: Group, b: Group) -> Bool {
      (a.stimulus, a.split, a.variant) < (b.stimulus, b.split, b.variant)
    }
  }

  private struct Row {
    var group: Group
    var twin: String
    var sessions: Int
    var cells: Set<String>
    var undefined: Int
    var mean: MeanInterval?
    var median: Double?
    var entry: Int64
    var rank = 0
  }

  private let rows: [Row]
  private let metric: any Metric.Type
  /// Groups whose twins were not evaluated on the same cells.
  let notes: [String]

  init(_ scores: [StoredScore], metric: any Metric.Type, weight: CellGrouping) {
    self.metric = metric
    var rows: [Row] = []
    var notes: [String] = []
    let groups = Dictionary(grouping: scores) { Group(stimulus: $0.stimulus, split: $0.split, variant: $0.variant) }
    for group in groups.keys.sorted() {
      let twins = Dictionary(grouping: groups[group] ?? [], by: \.twin)
      var board = twins.keys.sorted().map { Self.row(group, $0, twins[$0] ?? [], weight) }
      // Twins without a mean stand last.
      board.sort { ($0.mean?.mean ?? -.infinity, $1.twin) > ($1.mean?.mean ?? -.infinity, $0.twin) }
      for index in board.indices { board[index].rank = index + 1 }
      if Set(board.map(\.cells)).count > 1 {
        notes.append("the twins on \(group.stimulus) \(group.split) were not evaluated on the same cells")
      }
      rows += board
    }
    self.rows = rows
    self.notes = notes.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func row(_ group: Group, _ twin: String, _ scores: [StoredScore], _ weight: CellGrouping) -> Row {
    let known = scores.filter { $0.value != nil }
    let values = known.compactMap(\.value)
    return Row(
      group: group, twin: twin, sessions: Set(scores.map(\.session)).count,
      cells: Set(scores.map { "\($0.session) \($0.cid)" }), undefined: scores.count - known.count,
      mean: MeanInterval(values, groups: known.map { weight.group(ofSession: $0.session) }),
      median: Quantile.median(values), entry: scores.map(\.entry).max() ?? 0)
  }

  var table: Table {
    Table([
      Column("stimulus", rows.map { Optional($0.group.stimulus) }),
      Column("split", rows.map { Optional($0.group.split) }),
      Column("rank", rows.map { Optional($0.rank) }),
      Column("twin", rows.map { Optional($0.twin) }),
      Column("sessions", rows.map { Optional($0.sessions) }),
      Column("cells", rows.map { Optional($0.cells.count) }),
      Column("undefined", rows.map { Optional($0.undefined) }),
      Column("mean", rows.map { $0.mean?.mean }, unit: metric.unit),
      Column("lower", rows.map { $0.mean?.lower }, unit: metric.unit),
      Column("upper", rows.map { $0.mean?.upper }, unit: metric.unit),
      Column("median", rows.map(\.median), unit: metric.unit),
      Column("variant", rows.map { Optional($0.group.variant) }),
      Column("entry", rows.map { Optional(Int($0.entry)) }),
    ])
  }
}
