import Base
import Metrics

/// A report's scores: a row for each metric and part, with mean and interval, median, and gap to the training trials.
package struct ReportScores {
  /// Metrics of which some part has scores.
  package let metrics: [any Metric.Type]
  private let rows: [Row]

  private struct Row {
    var metric: any Metric.Type
    var part: GeneralizationPart
    var mean: MeanInterval?
    var median: Double?
    var gap: Double?
  }

  /// Metrics for stimuli that repeat, in addition to those of every stimulus.
  package static let ofRepeats: [any Metric.Type] = [
    TrialAverageCorrelation.self, MaximumCorrelation.self, NormalizedCorrelation.self, OracleCorrelation.self,
  ]

  package init(_ judged: [JudgedStimulus], training: [GeneralizationPart]) {
    let hasRepeats = judged.contains { $0.metrics.contains { $0 is any RepeatMetric.Type } }
    metrics = [BitsPerSpike.self, PearsonCorrelation.self] + (hasRepeats ? Self.ofRepeats : [])
    rows = metrics.flatMap { metric -> [Row] in
      let isOfRepeats = metric is any RepeatMetric.Type
      let parts =
        (isOfRepeats ? [] : training)
        + judged.filter { part in part.metrics.contains { $0 == metric } }.map(\.part)
      let gaps = GeneralizationTable(parts: parts, metric: metric).means
      return parts.enumerated().map { place, part in
        let values = part.scores.compactMap { $0[metric].value }
        return Row(
          metric: metric, part: part, mean: MeanInterval(values), median: Quantile.median(values),
          gap: gaps[place].gap?.mean)
      }
    }
  }

  package var table: Table {
    Table(
      [
        Column("metric", rows.map { Optional($0.metric.name) }),
        Column("part", rows.map { Optional($0.part.kind.text) }),
        Column("stimulus", rows.map { Optional($0.part.stimulus) }),
        Column("split", rows.map { Optional($0.part.split.rawValue) }),
        Column("frames", rows.map { Optional($0.part.frameCount) }),
        Column("cells", rows.map { Optional($0.mean?.count ?? 0) }),
        Column("undefined", rows.map { Optional($0.part.scores.count - ($0.mean?.count ?? 0)) }),
        Column("mean", rows.map { $0.mean?.mean }), Column("lower", rows.map { $0.mean?.lower }),
        Column("upper", rows.map { $0.mean?.upper }), Column("median", rows.map(\.median)),
        Column("gap", rows.map(\.gap)),
      ],
      note:
        "all cells weighted equally; 95 % intervals of the mean (none for fewer than 12 cells); gap: training score minus this one, over cells with both"
    )
  }
}
