import Base
import Language
import Metrics
import RunLogs
import Runs
import Session
import Workspace

/// Runs whose checkpoints were opened as twins and evaluated.
enum EvaluatedRuns {
  /// The metric of `eval` that `--metric` names.
  ///
  /// - Throws: `usage` for a name that no metric has.
  static func metric(_ call: Call) throws -> RankingMetric {
    let name = try call.optionalString("metric") ?? BitsPerSpike.name
    guard let metric = AllMetrics.named(name) else {
      throw Failure(
        .usage, "--cells: `eval` has no metric `\(name.shortened)`",
        hint: Suggestion.hint(for: name, among: AllMetrics.types.map { $0.name }) ?? "`--metric bits_per_spike`",
        span: call.span(of: "metric"))
    }
    let isLower = try call.optionalString("better").map { $0 == "lower" } ?? metric.isLowerBetter
    return RankingMetric(name: name, isLowerBetter: isLower)
  }

  /// Runs that can be compared cell by cell, by stored scores of the metric's present version.
  ///
  /// - Throws: `undefined` where fewer than two runs can.
  static func compared(
    _ metric: RankingMetric, _ runs: RunSet, asked: [String], in session: Session
  ) throws -> ComparedRuns {
    let version = AllMetrics.named(metric.name)?.version
    let twins = try session.twins(of: runs)
    let stored = try session.workspace.newestScores(metric: metric.name)
    let own = stored.filter { score in twins.contains { $0.twin.version.id == score.version } }
    let current = own.filter { $0.metricVersion == version }
    var remarks: [String] = []
    if current.count < own.count {
      remarks.append(
        "\(own.count - current.count) scores of another version of \(metric.name) left out: evaluate these twins again")
    }
    var scores: [CellScoredRuns.Score] = []
    for (run, twins) in Dictionary(grouping: twins, by: \.run.run).sorted(by: { $0.key < $1.key }) {
      let evaluated = twins.filter { twin in current.contains { $0.version == twin.twin.version.id } }
      let newest = evaluated.max { newestEntry($0, current) < newestEntry($1, current) }
      guard let newest else { continue }
      if Set(evaluated.map(\.twin.version.id)).count > 1 {
        remarks.append("\(run.shortened): of its evaluated twins, \(newest.twin.name) counts, which was evaluated last")
      }
      session.changes.inputs.append(
        .init(role: "twin", version: newest.twin.version.id, detail: newest.twin.name))
      scores += current.filter { $0.version == newest.twin.version.id }.map { score in
        .init(
          run: run, ground: .init(stimulus: score.stimulus, split: score.split, variant: score.variant),
          cell: "\(score.session) \(score.cid)", value: score.value)
      }
    }
    var compared = try CellScoredRuns.compared(scores, runs.runs, metric: metric, asked: Set(asked)) { run in
      try session.work.cancellation.check()
      return try RunCheck.isDiverged(run, in: runs)
    }
    compared.add(remarks: remarks)
    return compared
  }

  private static func newestEntry(_ twin: RunTwin, _ scores: [StoredScore]) -> Int64 {
    scores.lazy.filter { $0.version == twin.twin.version.id }.map(\.entry).max() ?? 0
  }
}
