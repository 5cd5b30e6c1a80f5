import Base
import Foundation
import RunLogs

/// Reads the logs of a found run.
struct RunReader {
  let root: String
  /// Seconds since 1970: how long ago a log has grown.
  let now: Double
  /// A log that grew within these seconds belongs to a training that runs.
  static let freshSeconds = 600.0
  /// A run that has logged nothing for so long has ended, whatever it is.
  static let silentSeconds = 86_400.0
  private let headers = RayTableHeaders()

  /// The same for one thread.
  var withOwnHeaders: RunReader { RunReader(root: root, now: now, memory: memory) }

  /// Of earlier readings of the same logs; nil to read whole files.
  private let memory: LogMemory?

  init(root: String, now: Double, memory: LogMemory? = nil) {
    self.root = root
    self.now = now
    self.memory = memory
  }

  /// In full.
  func path(of folder: String) -> String { folder.isEmpty ? root : root + "/" + folder }

  /// Sizes and times of everything that the summary depends on.
  ///
  /// - Parameter log: that of its log, where that is one file and known.
  func stamp(_ found: FoundRun, log: LogStamp? = nil) -> FoundStamp {
    if let log, found.names.count == 1, found.checkpoints.isEmpty {
      return FoundStamp(text: log.text, modified: log.modified)
    }
    let folder = path(of: found.folder)
    var beside = ["params.json", "error.txt", "hparams.yaml"].filter(found.names.contains)
    if found.kind == .mlflow { beside += found.files.map { $0 + "-wal" }.filter(found.names.contains) }
    let files = found.files.map { name in log ?? LogStamp(folder + "/" + name) }
    let others = beside.map { LogStamp(folder + "/" + $0) } + found.checkpoints.map { LogStamp($0.path) }
    let texts = (files + others).map { $0?.text ?? "" }
    return FoundStamp(
      text: texts.count == 1 ? texts[0] : texts.joined(separator: " "),
      modified: files.compactMap { $0?.modified }.max())
  }

  /// The whole logs: one, or several where one file holds many runs.
  ///
  /// - Throws: what is wrong with the log.
  func logs(_ found: FoundRun, _ extent: RayTrialLog.Extent) throws -> [RunLog] {
    try logs(found, extent, memory: memory, opened: nil)
  }

  private func logs(
    _ found: FoundRun, _ extent: RayTrialLog.Extent, memory: LogMemory?, opened: RegularFile?
  ) throws -> [RunLog] {
    let folder = path(of: found.folder)
    switch found.kind {
    case .lightning: return [try LightningCSVLog.read(folder + "/" + found.files[0], memory: memory)]
    case .tensorboard: return [try TensorBoardLog.read(folder, names: found.files, memory: memory)]
    case .wandb: return [try WandbLog.read(parts: found.files.map { folder + "/" + $0 }, memory: memory)]
    case .ray:
      return [
        try RayTrialLog.read(
          folder, names: found.names, extent, headers: headers, memory: memory, opened: opened)
      ]
    case .mlflow where found.files[0] == MLflowFileStore.fileName: return [try MLflowFileStore.read(folder)]
    case .mlflow: return try MLflowDatabase.read(folder + "/" + found.files[0])
    case .checkpoints: return [RunLog()]
    }
  }

  /// - Throws: `interrupted`; everything else becomes a row with its reason.
  func summaries(_ found: FoundRun) throws -> [RunSummary] {
    // The table of a Ray trial is opened once, for its stamp and its rows: there may be thousands.
    let isTable = found.kind == .ray && found.files == [RayTrialLog.tableName]
    let opened = isTable ? try? RegularFile(path: path(of: found.folder) + "/" + found.files[0], isListed: true) : nil
    let stamp = stamp(found, log: opened.map { LogStamp($0) })
    var summary = RunSummary(kind: found.kind, folder: found.folder, files: found.files)
    summary.stamp = stamp.text
    summary.checkpoints = found.checkpoints
    summary.place = found.place
    do {
      // A log that does not grow is not worth remembering.
      let isFresh = stamp.modified.map(isFresh) ?? false
      return try logs(found, .best, memory: isFresh ? memory : nil, opened: opened).map { log in
        var summary = summary
        fill(&summary, from: log, found, modified: stamp.modified)
        return summary
      }
    } catch let failure as Failure where failure.kind != .interrupted {
      summary.isBroken = true
      summary.remarks = [failure.message.replacing(path(of: found.folder) + "/", with: "")]
      return [summary]
    }
  }

  func isFresh(_ modified: Double) -> Bool { abs(now - modified) < Self.freshSeconds }

  /// The same for a Ray trial's table in an open folder.
  ///
  /// - Returns: nil for other runs, for a log that may grow or is long, and for one that can't be read: they are read as above.
  func reading(
    of found: FoundRun, in folder: borrowing OpenFolder, _ room: borrowing ReadingRoom
  ) -> FoundRun.Reading? {
    guard found.kind == .ray, found.files == [RayTrialLog.tableName] else { return nil }
    return folder.read(RayTrialLog.tableName, room) { log in
      !isFresh(log.modified)
    } _: { bytes, log in
      let read = try? RayTrialLog.read(
        path(of: found.folder), name: found.folder.isEmpty ? root : found.folder, names: found.names, table: bytes,
        headers: headers)
      guard let read else { return nil }
      let stamp = stamp(found, log: log)
      var summary = RunSummary(kind: found.kind, folder: found.folder, files: found.files)
      summary.stamp = stamp.text
      summary.place = found.place
      fill(&summary, from: read, found, modified: stamp.modified)
      return FoundRun.Reading(summary)
    }
  }

  /// Checkpoints that were found after its log was read.
  func give(_ checkpoints: [RunCheckpoint], to summary: inout RunSummary) {
    summary.checkpoints = checkpoints
    for checkpoint in checkpoints { summary.stamp += " " + (LogStamp(checkpoint.path)?.text ?? "") }
  }

  private func fill(_ summary: inout RunSummary, from log: RunLog, _ found: FoundRun, modified: Double?) {
    summary.name = log.name
    summary.id = log.id
    (summary.state, summary.evidence) = (log.state, log.evidence)
    (summary.started, summary.ended, summary.hours) = (log.started, log.ended, log.hours)
    summary.remarks = log.remarks
    summary.metric = log.ranking ?? RankingMetric.chosen(among: log.curves.map(\.name))
    let ranking = log.curves.isEmpty ? nil : summary.metric.flatMap { log[metric: $0.name] }
    summary.best = log.best ?? ranking.flatMap { curve in summary.metric?.best(curve.values) }
    summary.epochs = log.epochs ?? RunEpochs.completed(log, ranking)
    if found.kind == .checkpoints { fillFromCheckpoints(&summary) }
    var known = log.parameters
    if known.isEmpty, found.kind == .checkpoints,
      let settings = summary.checkpoints.last.flatMap({ try? CheckpointLog(path: $0.path) })
    {
      known = settings.parameters
      summary.ended = LogStamp(summary.checkpoints.last?.path ?? "")?.modified
    }
    summary.parameters = known.map { .init($0.key, $0.value) }
    if found.kind == .ray, !found.folder.isEmpty {
      summary.givenName = nil
    } else {
      summary.experimentName = log.name ?? Self.experiment(of: found, root)
    }
    if found.kind != .ray {
      let named = ExperimentName.parameters(summary.experimentName) + ExperimentName.parameters(ofModel: known)
      for entry in named where !summary.parameters.contains(where: { $0.name == entry.key }) {
        summary.parameters.append(.init(entry.key, entry.value, isFromName: true))
      }
    }
    if ![.ray, .mlflow].contains(found.kind) {
      // What the script that started the training wrote beside it; the log's own settings go first.
      for entry in LaunchFile.settings(near: path(of: found.folder))
      where !LaunchFile.labels.contains(entry.key)
        && !summary.parameters.contains(where: { $0.name == entry.key && !$0.isFromName })
      {
        summary.parameters.removeAll { $0.name == entry.key }
        summary.parameters.append(.init(entry.key, entry.value))
      }
    }
    settleState(&summary, log, found, ranking, modified: modified)
  }

  /// The folder that names the experiment: above `version_0`.
  static func experiment(of found: FoundRun, _ root: String) -> String {
    let parts = (root.lastComponent + "/" + found.folder).split(separator: "/").map(String.init)
    return parts.last {
      !$0.hasPrefix("version_") && !["checkpoints", "lightning_logs", "csv", "tb", "logs"].contains($0)
    }
      ?? found.folder
  }

  private func fillFromCheckpoints(_ summary: inout RunSummary) {
    let names = summary.checkpoints.compactMap(\.metric)
    summary.metric = RankingMetric.chosen(among: names) ?? names.first.map { RankingMetric(name: $0) }
    summary.best = summary.metric.flatMap { metric in
      metric.best(summary.checkpoints.filter { $0.metric == metric.name }.compactMap(\.value))
    }
    summary.epochs = summary.checkpoints.compactMap(\.epoch).max().map { $0 + 1 }
  }
}

/// What shows whether a run has to be read again.
struct FoundStamp: Sendable {
  var text: String
  /// When its log was last written to, in seconds since 1970.
  var modified: Double?
}
