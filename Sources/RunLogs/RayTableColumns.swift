import Synchronization

/// Where a Ray trial's table has what is read.
final class RayTableColumns: Sendable {
  let header: CSVHeader
  /// The metric that ranks the run, and its column.
  let metric: RankingMetric?
  let ranking: Int?
  let iteration: Int?
  let epoch: Int?
  let stamp: Int?
  let seconds: Int?
  let trial: Int?
  let done: Int?
  /// Settings that each report repeats, by the names that `params.json` gives them: `config/model/norm` is `model.norm`.
  let settings: [(name: String, column: Int)]

  init(_ header: CSVHeader) {
    self.header = header
    let names = header.names
    metric = RankingMetric.chosen(among: names.filter { !$0.hasPrefix(Self.settingPrefix) })
    ranking = metric.flatMap { names.firstIndex(of: $0.name) }
    (iteration, epoch) = (header.place("training_iteration"), header.place("epoch"))
    (stamp, seconds) = (header.place("timestamp"), header.place("time_total_s"))
    (trial, done) = (header.place("trial_id"), header.place("done"))
    settings = names.enumerated().compactMap { column, name in
      guard name.hasPrefix(Self.settingPrefix) else { return nil }
      return (String(name.dropFirst(Self.settingPrefix.count)).replacing("/", with: "."), column)
    }
  }

  static let settingPrefix = "config/"
}

/// Remembers the header that was read last: the trials of an experiment share it. Several threads may use it; one that has its
/// own does not wait for the others.
public final class RayTableHeaders: Sendable {
  private let kept = Mutex<RayTableColumns?>(nil)

  public init() {}

  var last: RayTableColumns? { kept.withLock { $0 } }
  func keep(_ columns: RayTableColumns) { kept.withLock { $0 = columns } }
}
