import Base
import Formats

/// Where watched runs will end, told from the runs of the same set that have ended. Those are read once.
public struct RunOutlook: Sendable {
  private var known: [String: (stamp: String, course: RunForecast.Course)] = [:]

  public init() {}

  /// In words; nil where too few runs have ended, or too few epochs are known.
  ///
  /// - Throws: `interrupted`.
  public mutating func text(for run: WatchedRun, in runs: RunSet) throws -> String? {
    guard let metric = run.summary.metric, run.values.count >= 2 else { return nil }
    var ended: [RunForecast.Course] = []
    for other in runs.runs where other.run != run.summary.run && other.state != .running && other.metric == metric {
      if known[other.run]?.stamp != other.stamp {
        guard let values = try? runs.values(of: metric.name, in: other), values.count > 1 else { continue }
        known[other.run] = (
          other.stamp, .init(run: other.run, group: other.experiment, values: values, length: values.count)
        )
      }
      if let course = known[other.run]?.course { ended.append(course) }
    }
    let after = min(run.values.count, 5)
    let length = run.plannedEpochs ?? ended.map(\.length).max() ?? run.values.count
    guard length > run.values.count, let forecast = try? RunForecast(ended, metric: metric, after: after),
      let row = try? forecast.forecast(
        .init(run: run.summary.run, group: run.summary.experiment, values: run.values, length: length))
    else { return nil }
    let chance = row.chanceText.map { ", \($0) to beat the best" }
    return
      "forecast \(NumberText.significant(row.median, digits: 3)) (\(NumberText.significant(row.lower, digits: 3)) to \(NumberText.significant(row.upper, digits: 3))\(chance ?? ""))"
  }
}
