import Base
import RunLogs
import Runs

/// What `show RUN` says of a run.
package enum RunPage {
  private struct MetricRow {
    var curve: MetricCurve
    var best: Double?
  }

  private static let metricShape = TableShape<MetricRow>([
    .string("metric") { $0.curve.name },
    .int("points") { $0.curve.values.count },
    .int("first_step") { $0.curve.steps.first },
    .int("last_step") { $0.curve.steps.last },
    .float("first") { $0.curve.values.first },
    .float("last") { $0.curve.values.last },
    .float("best") { $0.best },
  ])

  private static let checkpointShape = TableShape<RunCheckpoint>([
    .string("file") { $0.path.split(separator: "/").last.map(String.init) },
    .int("epoch") { $0.epoch },
    .string("metric") { $0.metric },
    .float("value") { $0.value },
  ])

  private static let mediaShape = TableShape<LoggedMedium>([
    .string("tag") { $0.tag },
    .string("kind") { $0.kind.rawValue },
    .int("count") { $0.count },
    .int("height", unit: "px") { $0.kind == .image ? $0.height : nil },
    .int("width", unit: "px") { $0.kind == .image ? $0.width : nil },
  ])

  /// - Throws: `interrupted`.
  package static func make(_ named: NamedRun) throws -> Report {
    let run = named.run
    var record = Record([("kind", .string(run.kind.rawValue)), ("state", .string(run.state.rawValue))])
    if !run.evidence.isEmpty { record["evidence"] = .string(run.evidence) }
    record["epochs"] = run.epochs.map(Value.int)
    if let metric = run.metric { record["best " + metric.name] = run.best.map(Value.double) }
    record["hours"] = run.hours.map(Value.double)
    record["id"] = run.id.map(Value.string)
    record["folder"] = .string(run.folder.isEmpty ? "." : run.folder)
    record["log"] = run.files.isEmpty ? nil : .string(run.files.joined(separator: ", "))
    var sections: [Report.Section] = [.init("", .fields(record))]
    if !run.remarks.isEmpty { sections.append(.init("notes", .lines(run.remarks))) }
    if !run.parameters.isEmpty {
      sections.append(
        .init(
          "settings",
          .fields(
            Record(run.parameters.map { ($0.name, $0.isFromName ? .string($0.text + " (from the name)") : $0.value) })))
      )
    }
    if !run.isBroken {
      let log = try named.runs.log(run)
      let rows = log.curves.map { curve in
        MetricRow(curve: curve, best: RankingMetric(name: curve.name).best(curve.values))
      }
      if !rows.isEmpty { sections.append(.init("metrics", .table(metricShape.table(rows)))) }
      if !log.media.isEmpty { sections.append(.init("histograms and images", .table(mediaShape.table(log.media)))) }
    }
    if !run.checkpoints.isEmpty {
      sections.append(.init("checkpoints", .table(checkpointShape.table(run.checkpoints))))
    }
    return Report(named.name, sections)
  }
}
