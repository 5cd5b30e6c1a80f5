import Base
import Formats
import Foundation

/// What Ray Tune leaves of a trial: `progress.csv` or `result.json`, `params.json`, `error.txt`, and the folder's name.
public enum RayTrialLog {
  public static let tableName = "progress.csv"
  public static let reportsName = "result.json"
  public static let settingsName = "params.json"
  public static let errorName = "error.txt"

  /// Columns that Ray adds to what the trial reports.
  private static let own: Set<String> = [
    "timestamp", "checkpoint_dir_name", "done", "training_iteration", "trial_id", "date", "time_this_iter_s",
    "time_total_s", "pid", "hostname", "node_ip", "time_since_restore", "iterations_since_restore", "experiment_tag",
    "should_checkpoint", "episodes_total", "timesteps_total", "timesteps_since_restore", "timers", "epoch",
  ]

  /// How much of a table is read.
  public enum Extent: Sendable {
    case whole
    /// Of the metric that ranks the run: its curve, with numbers of points as steps; or its best value alone.
    case ranking, best
  }

  /// - Parameters:
  ///   - names: of the files in the folder.
  ///   - headers: of trials that were read before.
  ///   - memory: of earlier readings; nil to read the whole table.
  ///   - opened: the table, where it is open.
  /// - Throws: `format` where neither file can be read.
  public static func read(
    _ folder: String, names: [String], _ extent: Extent = .whole, headers: RayTableHeaders? = nil,
    memory: LogMemory? = nil, opened: RegularFile? = nil
  ) throws -> RunLog {
    guard names.contains(tableName) else {
      var run = RunLog()
      // A trial that failed before its first report has neither.
      let settings = names.contains(reportsName) ? try readReports(folder + "/" + reportsName, into: &run) : []
      if !names.contains(reportsName) { run.epochs = 0 }
      try complete(&run, folder, name: folder, names: names, settings: settings, reported: nil)
      return run
    }
    let path = folder + "/" + tableName
    func whole() throws -> RayTable {
      try RayTable.read(path, opened: opened, fresh: RayTable(headers, own: own, isBrief: false), memory: memory)
    }
    guard extent != .whole else { return try log(whole(), extent, folder, name: folder, names: names) }
    let brief = try BriefRayTable.read(path, opened: opened, fresh: BriefRayTable(headers, own: own), memory: memory)
    return try log(
      brief.table.isRestored ? whole() : brief.table, extent, folder, name: folder, names: names)
  }

  /// The same with the best value alone, where the table's bytes are read.
  ///
  /// - Parameter name: of the folder, or a path that ends with it.
  /// - Throws: `format` for a table without a header.
  public static func read(
    _ folder: @autoclosure () -> String, name: String, names: [String], table bytes: UnsafeBufferPointer<UInt8>,
    headers: RayTableHeaders
  ) throws -> RunLog {
    var table = RayTable(headers, own: own, isBrief: true)
    try table.take(bytes, path: folder() + "/" + tableName)
    if table.isRestored {
      table = RayTable(headers, own: own, isBrief: false)
      try table.take(bytes, path: folder() + "/" + tableName)
    }
    return try log(table, .best, folder(), name: name, names: names)
  }

  private static func log(
    _ table: RayTable, _ extent: Extent, _ folder: @autoclosure () -> String, name: String, names: [String]
  ) throws -> RunLog {
    var run = RunLog()
    run.remarks = table.csv.remarks
    if extent != .best { run.curves = extent == .whole ? table.curves : table.rankedCurve }
    let ranked = extent == .whole ? [] : table.ranked
    if !ranked.isEmpty {
      run.ranking = table.columns?.metric
      run.best = run.ranking?.best(ranked)
    }
    if table.rows > 0, let columns = table.columns {
      run.id = table[columns.trial]
      finish(
        &run, started: table.started, ended: table.number(columns.stamp), seconds: table.number(columns.seconds),
        epochs: table.number(columns.iteration).flatMap(LogCount.of) ?? table.rows, isDone: table[columns.done])
    } else {
      run.epochs = 0
    }
    try complete(&run, folder(), name: name, names: names, settings: [], reported: table)
    return run
  }

  /// Settings, and why it failed.
  private static func complete(
    _ run: inout RunLog, _ folder: @autoclosure () -> String, name: String, names: [String],
    settings: [ConfigNode.Entry], reported: RayTable?
  ) throws {
    var settings = settings
    if names.contains(settingsName) {
      do {
        let path = folder() + "/" + settingsName
        settings = try JSONNode.parse(LogBytes.read(path, limit: 16 << 20)[...], name: path).flattened
      } catch let failure as Failure where failure.kind != .interrupted {
        run.remarks.append(failure.message)
      }
    }
    if settings.isEmpty, let reported, let columns = reported.columns {
      settings = columns.settings.compactMap { name, column in
        reported[column].map { .init(name, RayTrialName.value($0)) }
      }
    }
    if settings.isEmpty {
      let found = RayTrialName(name)
      // A report repeats some settings with all their decimals.
      settings = found.parameters.map { .init($0.key, reported?[$0.key].map(RayTrialName.value) ?? $0.value) }
      if let lost = found.lost { run.remarks.append(lost) }
    }
    run.parameters = settings
    if names.contains(errorName) {
      run.state = .failed
      run.evidence = lastLine(folder() + "/" + errorName) ?? "Ray left \(errorName)"
    }
  }

  /// - Returns: the settings that each report repeats.
  private static func readReports(_ path: String, into run: inout RunLog) throws -> [ConfigNode.Entry] {
    let bytes = try LogBytes.read(path)
    var collector = CurveCollector()
    var (first, last): (ConfigNode?, ConfigNode?)
    let lines = bytes.split(separator: 10)
    for (index, line) in lines.enumerated() {
      let report: ConfigNode
      do {
        report = try JSONNode.parse(line, name: path)
      } catch let failure as Failure where failure.kind != .interrupted {
        run.remarks.append(
          index == lines.count - 1 ? "the last report is cut" : "report \(index + 1) left out: it is not JSON")
        continue
      }
      if first == nil { first = report }
      last = report
      let step = report["training_iteration"]?.intValue ?? index + 1
      for entry in report.flattened where !own.contains(entry.key) && !entry.key.hasPrefix("config.") {
        if let value = entry.value.doubleValue {
          collector.append(entry.key, step: step, epoch: report["epoch"]?.intValue, value)
        }
      }
    }
    guard let last else {
      guard bytes.isEmpty else { throw Failure(.format, "\(path): it holds no report in JSON") }
      throw Failure(.format, "\(path): the file is empty")
    }
    run.curves = collector.curves
    run.id = last["trial_id"]?.stringValue
    finish(
      &run, started: first?["timestamp"]?.doubleValue, ended: last["timestamp"]?.doubleValue,
      seconds: last["time_total_s"]?.doubleValue, epochs: last["training_iteration"]?.intValue ?? lines.count,
      isDone: last["done"]?.boolValue.map { $0 ? "True" : "False" })
    return last["config"]?.flattened ?? []
  }

  private static func finish(
    _ run: inout RunLog, started: Double?, ended: Double?, seconds: Double?, epochs: Int?, isDone: String?
  ) {
    run.started = started
    run.ended = ended
    run.hours = seconds.map { $0 / 3600 }
    run.epochs = epochs
    if isDone?.lowercased() == "true" {
      run.state = .finished
      run.evidence = "Ray's `done` is true after \(epochs ?? 0) reports"
    } else {
      run.evidence = "Ray's `done` is false, as it is where a function returned by itself and where it was cut off"
    }
  }

  private static func lastLine(_ path: String) -> String? {
    guard let text = try? LogBytes.text(path, limit: 1 << 20) else { return nil }
    return text.split(whereSeparator: \.isNewline).last.map { String($0.prefix(200)) }
  }
}
