import Base
import RunLogs

/// The runs of a set that can be compared by a metric, with the settings in which they differ. What can't be compared is
/// named.
public struct ComparedRuns: Sendable {
  public struct Entry: Sendable {
    public let run: String
    public let score: Double
    /// Of the settings that vary.
    let levels: [String: SettingLevel]
    /// Names and values of what the runs were trained and scored on; runs that differ in it are never mixed.
    public internal(set) var data: String
    /// Scores by cell, the same cells in all runs of the same data; empty where a run has one score.
    var cells: [Double] = []
  }

  public let metric: RankingMetric
  public internal(set) var entries: [Entry] = []
  /// Settings that vary, but for seeds, data and what only identifies a run; in the order of their first run.
  public internal(set) var settings: [String] = []
  public internal(set) var seeds: [String] = []
  /// What was left out or has to be known, a line each.
  public internal(set) var remarks: [String] = []

  /// - Parameters:
  ///   - asked: settings that are compared even if they look like data.
  ///   - isDiverged: whether a run is known to have diverged.
  ///   - score: a run's value of the metric; nil where it has none.
  /// - Throws: what `score` throws; `undefined` where fewer than two runs are left.
  public init(
    _ runs: [RunSummary], metric: RankingMetric, asked: Set<String> = [],
    isDiverged: (RunSummary) throws -> Bool = { _ in false }, score: (RunSummary) throws -> Double?
  ) throws {
    self.metric = metric
    var left: [(reason: String, names: [String])] = []
    func leaveOut(_ run: RunSummary, _ reason: String) {
      if let place = left.firstIndex(where: { $0.reason == reason }) {
        left[place].names.append(run.run)
      } else {
        left.append((reason, [run.run]))
      }
    }
    var used: [(run: RunSummary, score: Double)] = []
    var stopped: [String] = []
    for run in runs {
      if run.isBroken {
        leaveOut(run, "can't be read")
      } else if run.state == .failed || run.state == .killed {
        leaveOut(run, "\(run.state.rawValue)")
      } else if run.state == .running {
        leaveOut(run, "not finished")
      } else if try isDiverged(run) {
        leaveOut(run, "diverged")
      } else if let score = try score(run), score.isFinite {
        used.append((run, score))
        if run.state == .stoppedEarly { stopped.append(run.run) }
      } else {
        leaveOut(run, "no \(metric.name)")
      }
    }
    var seen: Set<String> = []
    used = used.filter { run, score in
      let settings = run.parameters.map { "\($0.name)=\(SettingLevel($0.value).text)" }.sorted()
      let isNew = settings.isEmpty || seen.insert("\(settings) \(score)").inserted
      if !isNew { leaveOut(run, "the same settings and score as another run: counted once") }
      return isNew
    }
    // Of copies the one counts that tells most about itself.
    let logs = used.map { Self.log($0.run, $0.score) }
    var fullest: [String: Int] = [:]
    for (place, log) in logs.enumerated() {
      guard let log else { continue }
      let known = fullest[log].map { used[$0].run.parameters.count } ?? -1
      if used[place].run.parameters.count > known { fullest[log] = place }
    }
    used = used.enumerated().filter { place, entry in
      guard let log = logs[place], fullest[log] != place else { return true }
      leaveOut(entry.run, "a copy of another run's log: counted once")
      return false
    }.map(\.element)
    let longest = used.reduce(0) { max($0, $1.run.epochs ?? 0) }
    let short = used.map(\.run).filter { $0.state == .unknown && 2 * ($0.epochs ?? longest) <= longest }.map(\.run)
    let known = used.map { run, _ in
      Dictionary(run.parameters.map { ($0.name, SettingLevel($0.value)) }, uniquingKeysWith: { first, _ in first })
    }
    var order: [String] = []
    for run in used.map(\.run) {
      for parameter in run.parameters where !order.contains(parameter.name) { order.append(parameter.name) }
    }
    let varying = order.filter { name in Set(known.map { $0[name] }).count > 1 }
    seeds = varying.filter(SettingName.isSeed)
    let data = varying.filter { SettingName.isData($0) && !asked.contains($0) }
    settings = varying.filter { name in
      if seeds.contains(name) || data.contains(name) { return false }
      let levels = Set(known.compactMap { $0[name] })
      // A path or name that every run has for itself tells nothing about its training.
      return asked.contains(name) || levels.contains { $0.number != nil } || levels.count < used.count || used.count < 3
    }
    entries = zip(used, known).map { run, levels in
      Entry(
        run: run.run.run, score: run.score, levels: levels,
        data: data.map { "\($0)=\(levels[$0]?.text ?? "-")" }.joined(separator: ", "))
    }
    let untold = known.count { levels in data.allSatisfy { levels[$0] == nil } }
    remarks = left.map { "left out: \(Self.named($0.names)): \($0.reason)" }
    if !stopped.isEmpty { remarks.append("\(Self.named(stopped)): stopped early, and compared by what it had reached") }
    if !short.isEmpty {
      remarks.append(
        "\(Self.named(short)): at most half as long as the longest run (\(longest) epochs), and nothing tells that it ended; compared by what it had reached"
      )
    }
    if !data.isEmpty, untold > 1 {
      remarks.append("the settings of \(untold) runs do not name their data; vcsh compares these runs with each other")
    }
    guard entries.count >= 2 else {
      throw Failure(
        .undefined, "fewer than two runs can be compared by \(metric.name)",
        hint: remarks.isEmpty ? nil : remarks.joined(separator: "; "))
    }
  }

  /// What tells a run's log from all others, wherever the folder lies; nil for a score of few digits, which two runs may share.
  private static func log(_ run: RunSummary, _ score: Double) -> String? {
    guard let best = run.best, score != (score * 1e4).rounded() / 1e4 else { return nil }
    let settings = run.parameters.filter { !$0.isFromName }.map { "\($0.name)=\($0.text)" }.sorted()
    return "\(run.kind) \(settings) \(run.epochs ?? -1) \(best) \(score)"
  }

  /// Adds what has to be known besides.
  public mutating func add(remarks more: [String]) { remarks += more }

  /// "4 runs (a, b, c, …)".
  static func named(_ names: [String]) -> String {
    let some = names.prefix(3).map(\.shortened).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
    return names.count == 1 ? some : "\(names.count) runs (\(some))"
  }
}
