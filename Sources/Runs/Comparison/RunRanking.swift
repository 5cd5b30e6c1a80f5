import Base
import RunLogs

/// Runs of open sets by the best value that each has logged. Only runs of one metric and of the same data are ranked against
/// each other.
public struct RunRanking: Sendable {
  public struct Row: Sendable {
    /// The set's name and the run's in it.
    public var set: String
    public var run: RunSummary
    public var metric: RankingMetric
    public var value: Double
    /// What the runs were trained and scored on, as their settings tell; the set where none does.
    public var data: String
    /// 1 for the best.
    public var rank = 0
  }

  /// Block by block, the best of each first.
  public private(set) var rows: [Row] = []
  /// What was left out or has to be known, a line each.
  public private(set) var remarks: [String] = []

  /// A metric that runs have logged, with the side that its name suggests as the better one.
  public static func metric(named name: String) -> RankingMetric { RankingMetric(name: name) }

  /// - Parameter metric: nil for the metric that ranks each run.
  /// - Throws: `interrupted`.
  public init(
    _ sets: [(name: String, runs: RunSet)], metric: RankingMetric? = nil, cancellation: Cancellation? = nil
  ) throws {
    var seen: Set<String> = []
    var unscored: [String] = []
    var open: [String] = []
    for set in sets {
      for run in set.runs.runs {
        try cancellation?.check()
        // The same folder may be open twice.
        guard seen.insert("\(set.runs.root)/\(run.folder)\n\(run.kind.rawValue)\n\(run.id ?? "")").inserted else {
          continue
        }
        guard let metric = metric ?? run.metric, let value = Self.best(metric, of: run, in: set.runs), value.isFinite
        else {
          unscored.append(run.run)
          continue
        }
        if run.state == .running { open.append(run.run) }
        rows.append(
          Row(
            set: set.name, run: run, metric: metric, value: value, data: Self.data(of: run) ?? Self.block(of: set.name))
        )
      }
      let untold = rows.count { $0.data == Self.block(of: set.name) }
      if untold > 1 {
        remarks.append(
          "the settings of \(untold) runs of \(set.name) do not name their data; vcsh ranks these runs together"
        )
      }
    }
    if !unscored.isEmpty {
      remarks.append("\(ComparedRuns.named(unscored)) left out: no \(metric?.name ?? "score")")
    }
    if !open.isEmpty { remarks.append("\(ComparedRuns.named(open)): not finished") }
    rank()
  }

  private mutating func rank() {
    func block(_ row: Row) -> (String, String) { (row.data, row.metric.name) }
    rows.sort { a, b in
      if block(a) != block(b) { return block(a) < block(b) }
      if a.value != b.value { return a.metric.isBetter(a.value, than: b.value) }
      return (a.set, a.run.run) < (b.set, b.run.run)
    }
    for place in rows.indices {
      let isNew = place == 0 || block(rows[place]) != block(rows[place - 1])
      rows[place].rank = isNew ? 1 : rows[place - 1].rank + 1
    }
  }

  /// Where runs stand of which no setting names the data.
  private static func block(of set: String) -> String { "runs of \(set)" }

  private static func best(_ metric: RankingMetric, of run: RunSummary, in runs: RunSet) -> Double? {
    if run.metric == metric { return run.best }
    return (try? runs.values(of: metric.name, in: run)).flatMap { $0.flatMap { metric.best($0) } }
  }

  /// The settings that name data, split or version of the metric; nil where the run has none.
  private static func data(of run: RunSummary) -> String? {
    let settings = run.parameters.filter { SettingName.isData($0.name) }
      .map { "\($0.name)=\(SettingLevel($0.value).text)" }.sorted()
    return settings.isEmpty ? nil : settings.joined(separator: ", ")
  }
}
