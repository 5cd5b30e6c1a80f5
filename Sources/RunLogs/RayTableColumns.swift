import Synchronization

/// Where a Ray trial's table has what is read.
struct RayTableColumns: Sendable {
  let header: CSVHeader
  /// The metric that ranks the run, and its column.
  let metric: RankingMetric?
  let ranking: Int?
  /// All that the trial reported itself.
  let reported: [Int]
  let iteration: Int?
  let epoch: Int?
  let stamp: Int?
  let seconds: Int?
  let trial: Int?
  let done: Int?

  /// - Parameter own: columns that Ray adds.
  init(_ header: CSVHeader, own: Set<String>) {
    self.header = header
    let names = header.names
    metric = RankingMetric.chosen(among: names)
    ranking = metric.flatMap { names.firstIndex(of: $0.name) }
    reported = names.indices.filter { !own.contains(names[$0]) }
    (iteration, epoch) = (header.place("training_iteration"), header.place("epoch"))
    (stamp, seconds) = (header.place("timestamp"), header.place("time_total_s"))
    (trial, done) = (header.place("trial_id"), header.place("done"))
  }
}

/// Remembers the header that was read last: the trials of an experiment share it. Several threads may use it.
public final class RayTableHeaders: Sendable {
  private let kept = Mutex<RayTableColumns?>(nil)

  public init() {}

  var last: RayTableColumns? { kept.withLock { $0 } }
  func keep(_ columns: RayTableColumns) { kept.withLock { $0 = columns } }
}
