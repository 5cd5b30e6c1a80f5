import Base
import Language
import RunLogs
import Runs
import Session

/// The metric by which a command compares runs.
enum RunMetric {
  /// That of `--metric`; else, of the metrics that rank runs, the one with most epochs.
  ///
  /// - Parameter run: the run that is asked for; nil for all.
  /// - Throws: `missing` where no run has a score.
  static func chosen(_ call: Call, _ runs: RunSet, _ run: RunSummary? = nil) throws -> RankingMetric {
    let better = try call.optionalString("better").map { $0 == "lower" }
    if let name = try call.optionalString("metric") { return RankingMetric(name: name, isLowerBetter: better) }
    let ranked = Dictionary(
      grouping: (run.map { [$0] } ?? runs.runs).compactMap { run in run.metric.map { ($0.name, run.epochs ?? 0) } }
    ) { $0.0 }
    let best = ranked.max { a, b in
      let (x, y) = (a.value.reduce(0) { $0 + $1.1 }, b.value.reduce(0) { $0 + $1.1 })
      return x == y ? a.key > b.key : x < y
    }
    guard let best else {
      throw Failure(
        .missing, "no run has a metric that looks like a score", hint: "--metric NAME", span: call.span)
    }
    return RankingMetric(name: best.key, isLowerBetter: better)
  }

  /// The best value of the metric in a run; nil where the run has none.
  ///
  /// - Throws: what is wrong with its log.
  static func best(_ metric: RankingMetric, of run: RunSummary, in runs: RunSet) throws -> Double? {
    if run.metric == metric { return run.best }
    return try runs.values(of: metric.name, in: run).flatMap { metric.best($0) }
  }

  /// Runs that can be compared by the metric.
  ///
  /// - Throws: `undefined` where fewer than two can.
  static func compared(
    _ metric: RankingMetric, _ runs: RunSet, asked: [String] = [], in session: Session
  ) throws -> ComparedRuns {
    var isLogged = false
    do {
      return try ComparedRuns(
        runs.runs, metric: metric, asked: Set(asked),
        isDiverged: { run in
          try session.work.cancellation.check()
          return try RunCheck.isDiverged(run, in: runs)
        },
        score: {
          let score = try best(metric, of: $0, in: runs)
          isLogged = isLogged || score != nil
          return score
        })
    } catch let failure as Failure where failure.kind == .undefined && !isLogged {
      let known = Set(runs.runs.compactMap(\.metric?.name)).sorted()
      guard !known.isEmpty, !known.contains(metric.name) else { throw failure }
      throw Failure(
        .missing, "no run that can be compared logs `\(metric.name.shortened)`",
        hint: "these rank its runs: \(known.joined(separator: ", "))")
    }
  }
}
