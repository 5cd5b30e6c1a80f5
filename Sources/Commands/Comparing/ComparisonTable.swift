import Base
import Metrics
import Session

/// Twins beside a baseline, as tables.
struct ComparisonTable {
  var baseline: ComparedScores
  var others: [ComparedScores]
  var metric: any Metric.Type
  var by: CellGrouping?
  var weight: CellGrouping

  private func keys(with other: ComparedScores) -> [ComparedScores.Key] {
    other.cells.keys.filter { baseline.cells[$0] != nil }.sorted()
  }

  var hasCommonCells: Bool { others.allSatisfy { !keys(with: $0).isEmpty } }

  /// One row a twin, and a group of cells.
  var summary: Table {
    var rows: [(twin: String, group: String, comparison: PairedComparison?)] = []
    for other in others {
      let keys = keys(with: other)
      func row(_ group: String, _ members: [ComparedScores.Key]) {
        let comparison = PairedComparison(
          members.map { other.cells[$0]?.score.value }, baseline: members.map { baseline.cells[$0]?.score.value },
          groups: members.map { weight.group(ofSession: $0.session) })
        rows.append((other.name, group, comparison))
      }
      row("all", keys)
      guard let by else { continue }
      let groups = Dictionary(grouping: keys) { by.group(ofSession: $0.session) }
      for group in groups.keys.sorted() { row(group, groups[group] ?? []) }
    }
    let q = FalseDiscovery.adjusted(rows.map { $0.comparison?.wilcoxon?.p })
    func column(_ name: String, unit: String? = nil, _ value: (PairedComparison) -> Double?) -> Column {
      Column(name, rows.map { $0.comparison.flatMap(value) }, unit: unit)
    }
    return Table(
      [
        Column("twin", rows.map { Optional($0.twin) }),
        Column("baseline", rows.map { _ in Optional(baseline.name) }),
        Column("cells_of", rows.map { Optional($0.group) }),
        Column("cells", rows.map { Optional($0.comparison?.count ?? 0) }),
        column("difference", unit: metric.unit) { $0.meanDifference.mean },
        column("lower", unit: metric.unit) { $0.meanDifference.lower },
        column("upper", unit: metric.unit) { $0.meanDifference.upper },
        Column("q", q),
        Column("better", rows.map { $0.comparison.map { $0.sign?.above ?? 0 } }),
        Column("worse", rows.map { $0.comparison.map { $0.sign?.below ?? 0 } }),
        column("score", unit: metric.unit) { $0.mean },
        column("baseline_score", unit: metric.unit) { $0.baselineMean },
        column("median", unit: metric.unit) { $0.medianDifference },
        column("median_lower", unit: metric.unit) { $0.medianInterval?.lower },
        column("median_upper", unit: metric.unit) { $0.medianInterval?.upper },
        column("p") { $0.wilcoxon?.p },
        column("p_sign") { $0.sign?.p },
        column("effect_size") { $0.wilcoxon?.effectSize },
        column("d") { $0.standardizedDifference },
      ], note: note)
  }

  /// One row a cell and twin, the largest changes first.
  var cells: Table {
    struct Row {
      var key: ComparedScores.Key
      var twin: String
      var cell: ComparedScores.Cell
      var other: ComparedScores.Cell
      var difference: Double? {
        guard let score = cell.score.value, let baseline = other.score.value else { return nil }
        return score - baseline
      }
    }
    let rows = others.flatMap { twin in
      keys(with: twin).compactMap { key -> Row? in
        guard let cell = twin.cells[key], let other = baseline.cells[key] else { return nil }
        return Row(key: key, twin: twin.name, cell: cell, other: other)
      }
    }.enumerated().sorted { a, b in
      let (first, second) = (a.element.difference.map(abs) ?? -1, b.element.difference.map(abs) ?? -1)
      return first == second ? a.offset < b.offset : first > second
    }.map(\.element)
    return Table(
      [
        Column("session", rows.map { Optional($0.key.session) }),
        Column("subject", rows.map { Optional(CellGrouping.subject(ofSession: $0.key.session)) }),
        Column("stimulus", rows.map { Optional($0.key.stimulus) }),
        Column("cid", rows.map { Optional($0.key.cid) }),
        Column("rate_hz", rows.map(\.cell.rateHz), unit: "Hz"),
        Column("twin", rows.map { Optional($0.twin) }),
        Column("baseline", rows.map { _ in Optional(baseline.name) }),
        Column("score", rows.map(\.cell.score.value), unit: metric.unit),
        Column("baseline_score", rows.map(\.other.score.value), unit: metric.unit),
        Column("difference", rows.map(\.difference), unit: metric.unit),
        Column("reason", rows.map { $0.cell.score.reason ?? $0.other.score.reason }),
      ], note: note)
  }

  private var note: String {
    let splits = baseline.splits.sorted().joined(separator: ", ")
    let left = others.map { other in
      Set(other.cells.keys).symmetricDifference(baseline.cells.keys).count
    }.reduce(0, +)
    return "\(metric.name), split \(splits)"
      + (weight == .cell ? "" : ", every \(weight.rawValue) alike")
      + (left > 0 ? "; \(left) cell\(left == 1 ? "" : "s") that only one has left out" : "")
  }
}
