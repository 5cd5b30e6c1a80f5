import Base
import Language
import Metrics
import Runs
import Session
import Workspace

/// What the leaderboard has from trainings: runs of other tools, and trainings of this workspace.
struct RankedRuns {
  private(set) var logged: [LeaderboardTable.Logged] = []
  /// The run whose checkpoint a twin holds, by the twin's name.
  private(set) var runs: [String: String] = [:]
  private(set) var remarks: [String] = []
  /// Metrics by which the runs are ranked.
  private(set) var metrics: [String] = []
  /// Whether sets were named: what comes from elsewhere is not asked for.
  let isChosen: Bool

  /// - Parameters:
  ///   - chosen: names of sets; empty for all open ones, with the trainings of this workspace.
  ///   - metric: nil for the metric that ranks each run.
  init(sets chosen: [String], metric: String?, at span: SourceSpan?, in session: Session) throws {
    isChosen = !chosen.isEmpty
    let names = isChosen ? chosen : try session.workspace.names(kinds: [.runs]).map(\.name)
    var sets: [(name: String, runs: RunSet)] = []
    for name in names where !sets.contains(where: { $0.name == name }) {
      sets.append((name, try session.runSet(named: name, at: span)))
    }
    var twins: [String: String] = [:]
    for set in sets {
      for found in try session.twins(of: set.runs) {
        runs[found.twin.name] = runs[found.twin.name] ?? found.run.run
        twins["\(set.name)\n\(found.run.run)"] = twins["\(set.name)\n\(found.run.run)"] ?? found.twin.name
      }
    }
    metrics = sets.flatMap { $0.runs.runs.compactMap { $0.metric?.name } }
    let ranking = try RunRanking(
      sets, metric: metric.map { RunRanking.metric(named: $0) }, cancellation: session.work.cancellation)
    let short = Self.shortened(ranking.rows.map(\.data))
    logged = ranking.rows.map { row in
      .init(
        data: short[row.data] ?? row.data, metric: row.metric.name, rank: row.rank, run: row.run.run,
        twin: twins["\(row.set)\n\(row.run.run)"], value: row.value)
    }
    // Where runs are not what was asked for, nobody has to know what they lack.
    if !logged.isEmpty || metric == nil { remarks = ranking.remarks }
    if !isChosen { logged += try Self.trainings(metric, in: session) }
  }

  /// Paths in texts as the names of their files, where different texts stay different.
  private static func shortened(_ texts: [String]) -> [String: String] {
    let short = Dictionary(Set(texts).map { ($0, $0.replacing(#/=/[^,]*//#, with: "=")) }) { first, _ in first }
    return Set(short.values).count == short.count ? short : [:]
  }

  private static let trained = "val_bits_per_spike"

  /// Twins that `train` made, by their best held-out score in training.
  private static func trainings(_ metric: String?, in session: Session) throws -> [LeaderboardTable.Logged] {
    guard metric == nil || metric == trained else { return [] }
    var found: [(name: String, data: String, value: Double)] = []
    for named in try session.workspace.names(kinds: [.twin]) {
      guard let payload = named.version.payload as? TwinPayload,
        payload.training != nil, let record = try? session.trainingRecord(of: named.name, payload, at: nil),
        !record.isBest,
        let best = record.curve.rows.filter({ $0.metric == trained }).compactMap(\.value).filter(\.isFinite).max()
      else { continue }
      // Cells and a split of their own make another score of the same stimuli.
      let own = record.settings.filter { $0.hasPrefix("split ") || $0.hasPrefix("cells ") }
      found.append((named.name, (record.stimuli + own).joined(separator: ", "), best))
    }
    return Dictionary(grouping: found) { $0.data }.sorted { $0.key < $1.key }.flatMap { data, trainings in
      trainings.sorted { ($0.value, $1.name) > ($1.value, $0.name) }.enumerated().map { place, training in
        .init(
          data: data, metric: trained, rank: place + 1, run: training.name, twin: training.name, value: training.value)
      }
    }
  }
}
