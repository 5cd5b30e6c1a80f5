import Base
import Foundation
import RunLogs

/// Which of a run's checkpoints is the best.
public enum BestCheckpoint {
  /// - Returns: the checkpoint and why it is the best, in words; nil where the run has none.
  /// - Throws: what is wrong with the run's log.
  public static func of(_ run: RunSummary, in runs: RunSet) throws -> (checkpoint: RunCheckpoint, reason: String)? {
    guard let any = run.checkpoints.first else { return nil }
    let metric = run.metric ?? run.checkpoints.lazy.compactMap(\.metric).first.map { RankingMetric(name: $0) }
    if let metric {
      let scored = run.checkpoints.filter { $0.metric == metric.name && $0.value?.isFinite ?? false }
      if let best = metric.best(scored.compactMap(\.value)), let found = scored.first(where: { $0.value == best }) {
        return (found, "the best \(metric.name) in the files' names, \(NumberText.exact(best))")
      }
      if run.kind != .checkpoints, !run.isBroken, let curve = try runs.log(run)[metric: metric.name],
        let best = metric.best(curve.values), let place = curve.values.firstIndex(of: best),
        let epoch = curve.epochs[place], let found = run.checkpoints.first(where: { $0.epoch == epoch })
      {
        return (found, "\(metric.name) is best in epoch \(epoch), \(NumberText.exact(best))")
      }
    }
    let newest = run.checkpoints.max { ($0.isLast ? 1 : 0, $0.epoch ?? -1) < ($1.isLast ? 1 : 0, $1.epoch ?? -1) }
    return (newest ?? any, "the newest; no log and no name says which is the best")
  }
}
