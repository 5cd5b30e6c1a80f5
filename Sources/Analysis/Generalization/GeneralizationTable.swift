import Base
import Metrics

/// Parts beside each other, all of the same cells in the same order.
package struct GeneralizationTable: Sendable {
  package var parts: [GeneralizationPart]
  package var metric: any Metric.Type

  package init(parts: [GeneralizationPart], metric: any Metric.Type) {
    self.parts = parts
    self.metric = metric
  }

  /// Each cell's mean over the training parts that have a score of it.
  private var training: [Double?] {
    let training = parts.filter { $0.kind == .training }
    guard let cells = training.first?.scores.count else { return [] }
    return (0..<cells).map { cell in
      let values = training.compactMap { $0.scores[cell][metric].value }
      return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
  }

  private func gaps(_ part: GeneralizationPart, _ training: [Double?]) -> [Double?] {
    part.scores.indices.map { cell in
      guard part.kind != .training, training.indices.contains(cell), let best = training[cell],
        let value = part.scores[cell][metric].value
      else { return nil }
      return best - value
    }
  }

  // MARK: Means

  /// Means over cells of one part, with their intervals.
  package struct Mean: Sendable {
    var part: GeneralizationPart
    var score: MeanInterval?
    package var gap: MeanInterval?
  }

  /// One a part.
  package var means: [Mean] {
    let training = training
    return parts.map { part in
      Mean(
        part: part, score: MeanInterval(part.scores.compactMap { $0[metric].value }),
        gap: MeanInterval(gaps(part, training).compactMap(\.self)))
    }
  }

  package var meanTable: Table { Self.meanShape(metric).table(means) }

  /// Columns of the means in one metric.
  private static func meanShape(_ metric: any Metric.Type) -> TableShape<Mean> {
    TableShape(leading + [score(metric)] + intervals(unit: metric.unit))
  }

  /// Columns of the means in any metric: the flag `metric` says which one stands there, and so the unit of the others.
  package static func meanSignatures(standard: any Metric.Type) -> [ColumnSignature] {
    TableShape(leading).signatures
      + AllMetrics.types.map { metric in
        score(metric).signature.chosen(by: .init(flag: "metric", isStandard: metric == standard))
      } + TableShape(intervals(unit: nil)).signatures
  }

  private static let leading: [TableShape<Mean>.Field] = [
    part { $0.part },
    .string("stimulus", "The recording's stimulus") { $0.part.stimulus },
    .string("split", "Which trials of it") { $0.part.split.rawValue },
    .int("frames", "Valid frames that were scored") { $0.part.frameCount },
    .int("cells", "Cells with a defined score") { $0.score?.count ?? 0 },
  ]

  private static func score(_ metric: any Metric.Type) -> TableShape<Mean>.Field {
    .float(metric.name, unit: metric.unit, "Mean over cells: \(metric.summary)") { $0.score?.mean }
  }

  private static func intervals(unit: String?) -> [TableShape<Mean>.Field] {
    [
      .float("lower", unit: unit, "Lower end of the mean's 95 % interval") { $0.score?.lower },
      .float("upper", unit: unit, "Upper end of the mean's 95 % interval") { $0.score?.upper },
      .float("gap", unit: unit, "Training score minus this part's, mean over cells that have both") { $0.gap?.mean },
      .float("gap_lower", unit: unit, "Lower end of the gap's 95 % interval") { $0.gap?.lower },
      .float("gap_upper", unit: unit, "Upper end of the gap's 95 % interval") { $0.gap?.upper },
      .string("reason", "Why the mean has no interval") { $0.score?.reason },
    ]
  }

  private static func part<Row>(_ part: @escaping @Sendable (Row) -> GeneralizationPart) -> TableShape<Row>.Field {
    .string("part", "training trials, held-out trials of the same stimuli, or a withheld stimulus") {
      part($0).kind.text
    }
  }

  // MARK: Cells

  /// One cell in one part.
  package struct Cell: Sendable {
    var part: GeneralizationPart
    var scores: CellScores
    var score: Double?
    var gap: Double?
  }

  package var cellTable: Table {
    let training = training
    let rows = parts.flatMap { part in
      zip(part.scores, gaps(part, training)).map {
        Cell(part: part, scores: $0, score: $0[metric].value, gap: $1)
      }
    }
    return Self.cellShape(unit: metric.unit).table(rows)
  }

  /// Columns of the cells; `score` and `gap` have the metric's unit.
  package static func cellShape(unit: String?) -> TableShape<Cell> {
    TableShape([
      .int("cid", "The cell's id in its recording") { $0.scores.cid },
      .string("stimulus", "The recording's stimulus") { $0.part.stimulus },
      .string("split", "Which trials of it") { $0.part.split.rawValue }, part { $0.part },
      .float("rate_hz", unit: "Hz") { $0.scores.rateHz.value },
      .float("score", unit: unit, "The cell's score in the metric that --metric names") { $0.score },
      .float("gap", unit: unit, "The cell's training score minus this one") { $0.gap },
      .string("reason", "Why numbers of this row are undefined") { $0.scores.reason },
    ])
  }
}
