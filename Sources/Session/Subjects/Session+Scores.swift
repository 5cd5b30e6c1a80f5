import Base
import Language
import Metrics
import Recordings
import Workspace

extension Session {
  /// Keeps scores in the catalogue, metric by metric, with the metric's version.
  package func record(
    _ scores: [CellScores], of subject: SubjectOrigin, metrics: [any Metric.Type], variant: (any Metric.Type) -> String
  ) {
    for metric in metrics {
      changes.metrics.append(
        Changes.Metric(
          version: subject.version, session: subject.session, stimulus: subject.stimulus, split: subject.split,
          head: subject.head, variant: variant(metric), metric: metric.name, metricVersion: metric.version,
          cells: scores.map { (cid: $0.cid, value: $0[metric].value, reason: $0[metric].reason) }))
    }
    changes.inputs.append(.init(role: "metrics", version: subject.version, detail: variant(BitsPerSpike.self)))
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
