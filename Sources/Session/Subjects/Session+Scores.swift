import Base
import Language
import Metrics
import Recordings
import Workspace

extension Session {
  /// Keeps scores in the catalogue, metric by metric, with the metric's version and variant.
  ///
  /// The variant says what else a score depends on: how the rates were made, and the null model or how repeats were
  /// split. Only scores of one variant are ranked together.
  /// - Parameter null: what bits/spike compares with: `bins` or `train`.
  package func record(
    _ scores: [CellScores], of subject: SubjectOrigin, metrics: [any Metric.Type], null: String = "bins",
    options: Repeats.Options = .init()
  ) {
    func variant(_ metric: any Metric.Type) -> String {
      "\(subject.rates), " + (metric is any RepeatMetric.Type ? options.text : "null \(null)")
    }
    for metric in metrics where metric.isScore {
      changes.metrics.append(
        Changes.Metric(
          version: subject.version, session: subject.session, stimulus: subject.stimulus, split: subject.split,
          head: subject.head, variant: variant(metric), metric: metric.name, metricVersion: metric.version,
          cells: scores.map { (cid: $0.cid, value: $0[metric].value, reason: $0[metric].reason) }))
    }
    changes.inputs.append(.init(role: "metrics", version: subject.version, detail: variant(BitsPerSpike.self)))
  }

  /// Keeps scores on the null model of the scored bins and the usual splits of repeats.
  package func record(_ scored: ScoredSubject, metrics: [any Metric.Type]) {
    record(scored.scores, of: scored.origin, metrics: metrics)
  }

  /// Mean count of each cell over the valid bins of the training split.
  package func trainingMeans(of subject: SubjectOrigin, call: Call) throws -> [Double] {
    guard let source = subject.source else {
      throw Failure(
        .mismatch, "`\(subject.label)` holds predictions without a recording, so it has no training split",
        hint: "use --null bins", span: call.span(of: "null"))
    }
    return try source.stimulus.meanCounts(over: source.stimulus.validFrames(.train)).map { $0 ?? 0 }
  }
}

extension Repeats.Options {
  /// What numbers by these options depend on.
  fileprivate var text: String { "min-trials \(minimumTrials), splits \(splits), seed \(seed)" }
}
