import Base

/// Twins against a baseline, as tables.
package struct ComparisonTable {
  private let baseline: ComparedScores
  private let others: [ComparedScores]
  private let metric: any Metric.Type
  private let by: CellGrouping?
  private let weight: CellGrouping

  /// - Parameters:
  ///   - by: the summary also has a row for each of these groups; nil for all cells together alone.
  ///   - weight: what has the same weight in the means.
  package init(
    baseline: ComparedScores, others: [ComparedScores], metric: any Metric.Type, by: CellGrouping? = nil,
    weight: CellGrouping = .cell
  ) {
    self.baseline = baseline
    self.others = others
    self.metric = metric
    self.by = by
    self.weight = weight
  }

  private func keys(with other: ComparedScores) -> [ComparedScores.Key] {
    other.cells.keys.filter { baseline.cells[$0] != nil }.sorted()
  }

  package var hasCommonCells: Bool { others.allSatisfy { !keys(with: $0).isEmpty } }

  // MARK: A row for each twin

  /// A twin's group of cells.
  package struct Group: Sendable {
    var twin: String
    var baseline: String
    var name: String
    var comparison: PairedComparison?
    var q: Double?
  }

  /// - Parameter unit: the metric's.
  package static func summaryColumns(unit: String? = nil) -> TableShape<Group> {
    TableShape([
      .string("twin", "The twin, or the predictions, that is compared") { $0.twin },
      .string("baseline", "What it is compared with") { $0.baseline },
      .string("cells_of", "`all`, or the session or subject of --by") { $0.name },
      .int("cells", "Cells that have both scores") { $0.comparison?.count ?? 0 },
      .float("difference", unit: unit, "Mean of score minus baseline") { $0.comparison?.meanDifference.mean },
      .float("lower", unit: unit, "Lower end of its 95 % interval") { $0.comparison?.meanDifference.lower },
      .float("upper", unit: unit, "Upper end of its 95 % interval") { $0.comparison?.meanDifference.upper },
      .float("q", "False-discovery rate of p over the table's rows (Benjamini and Hochberg)") { $0.q },
      .int("better", "Cells whose score is above the baseline's") { $0.comparison.map { $0.sign?.above ?? 0 } },
      .int("worse", "Cells whose score is below the baseline's") { $0.comparison.map { $0.sign?.below ?? 0 } },
      .float("score", unit: unit, "Mean score of the twin") { $0.comparison?.mean },
      .float("baseline_score", unit: unit, "Mean score of the baseline") { $0.comparison?.baselineMean },
      .float("median", unit: unit, "Median of score minus baseline") { $0.comparison?.medianDifference },
      .float("median_lower", unit: unit, "Lower end of its 95 % interval") {
        $0.comparison?.medianInterval?.lower
      },
      .float("median_upper", unit: unit, "Upper end of its 95 % interval") {
        $0.comparison?.medianInterval?.upper
      },
      .float("p", "Of the Wilcoxon signed-rank test") { $0.comparison?.wilcoxon?.p },
      .float("p_sign", "Of the sign test") { $0.comparison.flatMap { $0.hasTests ? $0.sign?.p : nil } },
      .float("effect_size", "Rank-biserial correlation") { $0.comparison?.wilcoxon?.effectSize },
      .float("d", "Mean difference over the standard deviation of the differences") {
        $0.comparison?.standardizedDifference
      },
      .string("reason", "Why tests or intervals are undefined") {
        $0.comparison.map(\.reason) ?? "no cell has both scores"
      },
    ])
  }

  package var summary: Table {
    var groups: [Group] = []
    for other in others {
      let keys = keys(with: other)
      func add(_ name: String, _ members: [ComparedScores.Key]) {
        let comparison = PairedComparison(
          members.map { other.cells[$0]?.score.value }, baseline: members.map { baseline.cells[$0]?.score.value },
          groups: members.map { weight.group(ofSession: $0.session) })
        groups.append(Group(twin: other.name, baseline: baseline.name, name: name, comparison: comparison))
      }
      add("all", keys)
      guard let by else { continue }
      let parts = Dictionary(grouping: keys) { by.group(ofSession: $0.session) }
      for part in parts.keys.sorted() { add(part, parts[part] ?? []) }
    }
    let q = FalseDiscovery.adjusted(groups.map { $0.comparison?.wilcoxon?.p })
    for index in groups.indices { groups[index].q = q[index] }
    return Self.summaryColumns(unit: metric.unit).table(groups, note: note)
  }

  // MARK: A row for each cell

  /// A cell's scores by a twin and by the baseline.
  package struct Pair: Sendable {
    var key: ComparedScores.Key
    var twin: String
    var baseline: String
    var cell: ComparedScores.Cell
    var other: ComparedScores.Cell

    var difference: Double? {
      guard let score = cell.score.value, let baseline = other.score.value else { return nil }
      return score - baseline
    }
  }

  /// - Parameter unit: the metric's.
  package static func cellColumns(unit: String? = nil) -> TableShape<Pair> {
    TableShape([
      .string("session", "Session of the recording") { $0.key.session },
      .string("subject", "The part of the session's name before the first underscore") {
        CellGrouping.subject(ofSession: $0.key.session)
      },
      .string("stimulus", "Stimulus that both were scored on") { $0.key.stimulus },
      .int("cid", "The cell's id in its recording") { $0.key.cid },
      .float("rate_hz", unit: "Hz") { $0.cell.rateHz },
      .string("twin", "The twin, or the predictions, that is compared") { $0.twin },
      .string("baseline", "What it is compared with") { $0.baseline },
      .float("score", unit: unit, "Score of the twin") { $0.cell.score.value },
      .float("baseline_score", unit: unit, "Score of the baseline") { $0.other.score.value },
      .float("difference", unit: unit, "Score minus baseline") { $0.difference },
      .string("reason", "Why a score is undefined") { $0.cell.score.reason ?? $0.other.score.reason },
    ])
  }

  /// The largest differences first.
  package var cells: Table {
    let pairs = others.flatMap { twin in
      keys(with: twin).compactMap { key -> Pair? in
        guard let cell = twin.cells[key], let other = baseline.cells[key] else { return nil }
        return Pair(key: key, twin: twin.name, baseline: baseline.name, cell: cell, other: other)
      }
    }.enumerated().sorted { a, b in
      let (first, second) = (a.element.difference.map(abs) ?? -1, b.element.difference.map(abs) ?? -1)
      return first == second ? a.offset < b.offset : first > second
    }.map(\.element)
    return Self.cellColumns(unit: metric.unit).table(pairs, note: note)
  }

  private var note: String {
    let splits = baseline.splits.sorted().joined(separator: ", ")
    let left = others.map { other in
      Set(other.cells.keys).symmetricDifference(baseline.cells.keys).count
    }.reduce(0, +)
    return "\(metric.name), split \(splits)"
      + (weight == .cell ? "" : ", all \(weight.rawValue)s weighted equally")
      + (left > 0 ? "; left out \(left) cell\(left == 1 ? "" : "s") that only one of them has" : "")
  }
}
