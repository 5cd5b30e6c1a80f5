import Base
import RunLogs

/// How a run ended, where its log does not tell.
extension RunReader {
  /// Tells it from the planned epochs, the checkpoints' early stopping and schedule, an end within an epoch, and the age of
  /// the log.
  func settleState(
    _ summary: inout RunSummary, _ log: RunLog, _ found: FoundRun, _ ranking: MetricCurve?, modified: Double?
  ) {
    if summary.ended == nil { summary.ended = modified }
    if found.kind == .ray { return }
    let planned = PlannedEpochs.of(summary)
    if found.kind == .mlflow, summary.state == .running, let last = summary.ended, now - last > Self.silentSeconds {
      summary.state = .unknown
      summary.evidence = "\(log.evidence), but it has logged nothing for \(Int((now - last) / 86_400)) days"
      if let planned { tellSilent(&summary, log, ranking, planned: planned) }
      return
    }
    let isSilent = summary.state == .unknown && [.lightning, .tensorboard].contains(found.kind)
    if isSilent, let planned,
      RunEpochs.progress(log, ranking, of: planned, mayGrow: modified.map(isFresh) ?? false) == .complete
    {
      return summary.finish(planned: planned)
    }
    if [.killed, .unknown].contains(summary.state), ![.mlflow, .checkpoints].contains(found.kind),
      isGrowing(found, modified, log.ended) || growsAlone(found, modified, log.ended)
    {
      summary.state = .running
      summary.evidence = "its log grew within the last \(Int(Self.freshSeconds / 60)) minutes"
      return
    }
    guard summary.state == .unknown else { return }
    let inside = readCheckpoints(&summary, found)
    guard summary.state == .unknown else { return }
    if let cut = RunEpochs.endWithinEpoch(log, ranking) {
      summary.state = .killed
      summary.evidence = cut
      return
    }
    summary.evidence =
      found.kind == .checkpoints
      ? "checkpoints don't tell how a training ended" : "this kind of log doesn't tell how a training ended"
    guard let planned = planned ?? inside.lazy.compactMap({ PlannedEpochs.of($0.log.parameters) }).first else { return }
    if found.kind == .checkpoints {
      if summary.epochs == planned {
        summary.finish(planned: planned)
      } else if let last = inside.first, last.file.isLast, let epochs = summary.epochs,
        last.log.epoch == epochs - 1, epochs < planned
      {
        tellShort(&summary, planned: planned, last.log, written: newest(found.checkpoints))
      }
    } else if isSilent {
      switch RunEpochs.progress(log, ranking, of: planned, mayGrow: false) {
      case .complete: summary.finish(planned: planned)
      case .short:
        tellShort(&summary, planned: planned, inside.first?.log, written: summary.ended, since: started(log, found))
      case .unclear: break
      }
    }
  }

  /// A run that MLflow still calls running, and that has been silent for days, was ended without a word: after its last epoch or
  /// before.
  private func tellSilent(_ summary: inout RunSummary, _ log: RunLog, _ ranking: MetricCurve?, planned: Int) {
    switch RunEpochs.progress(log, ranking, of: planned, mayGrow: false) {
    case .complete:
      summary.state = .finished
      summary.evidence += "; it has all of its \(planned) planned epochs"
    case .short:
      summary.state = .killed
      summary.evidence += "; it has \(summary.epochs ?? 0) of the \(planned) planned epochs"
    case .unclear: break
    }
  }

  /// Why a checkpoint can't be read, by its file's name.
  private static func remark(on checkpoint: RunCheckpoint, _ error: any Error) -> String {
    let name = checkpoint.path.lastComponent
    let reason = ((error as? Failure)?.message ?? "").replacing(checkpoint.path, with: name)
    if reason.hasPrefix(name + " ") { return reason }
    return "\(name) can't be read" + (reason.hasPrefix(name + ": ") ? String(reason.dropFirst(name.count)) : "")
  }

  /// Looks into the newest checkpoints for an early stop and for a schedule that has come to its end.
  ///
  /// - Returns: what they hold, the newest first; the looking ends with the state.
  private func readCheckpoints(_ summary: inout RunSummary, _ found: FoundRun)
    -> [(file: RunCheckpoint, log: CheckpointLog)]
  {
    let ordered = found.checkpoints.sorted { ($0.isLast ? 1 : 0, $0.epoch ?? -1) > ($1.isLast ? 1 : 0, $1.epoch ?? -1) }
    var all: [(file: RunCheckpoint, log: CheckpointLog)] = []
    for checkpoint in ordered.prefix(3) {
      let inside: CheckpointLog
      do {
        inside = try CheckpointLog(path: checkpoint.path)
      } catch {
        summary.remarks.append(Self.remark(on: checkpoint, error))
        continue
      }
      all.append((checkpoint, inside))
      if let score = inside.monitor, summary.metric == nil { summary.metric = RankingMetric(name: score) }
      if found.kind == .checkpoints { summary.epochs = max(summary.epochs ?? 0, (inside.epoch ?? -1) + 1) }
      if let stopped = inside.stoppedEpoch {
        summary.state = .stoppedEarly
        summary.evidence = "\(checkpoint.path.lastComponent): EarlyStopping ended it in epoch \(stopped)"
        break
      }
      if let planned = inside.plannedEpochs, let epochs = summary.epochs, epochs >= planned {
        summary.state = .finished
        summary.evidence = "\(checkpoint.path.lastComponent): its schedule has \(planned) epochs, and the log \(epochs)"
        break
      }
    }
    return all
  }

  /// A run without all planned epochs was killed or stopped, when it has been silent for long and nothing else may have ended
  /// it.
  ///
  /// - Parameters:
  ///   - newest: what its newest checkpoint holds.
  ///   - written: when its log was last written to, in seconds since 1970.
  ///   - since: when its log began, the same way; nil where nothing tells.
  private func tellShort(
    _ summary: inout RunSummary, planned: Int, _ newest: CheckpointLog?, written: Double?, since: Double? = nil
  ) {
    let epochs = summary.epochs ?? 0
    let count = "\(epochs) of the \(planned) planned epochs"
    if let setting = PlannedEpochs.otherEnd(summary) {
      summary.evidence += "; it has \(count), and `\(setting)` may have ended it"
      return
    }
    // The newest checkpoint may be older than the end: then EarlyStopping may have acted since.
    if let newest, newest.hasEarlyStopping, (newest.epoch ?? -1) + 1 < epochs {
      summary.evidence += "; it has \(count), and EarlyStopping may have ended it after its last checkpoint"
      return
    }
    guard let written else { return }
    let limit = Self.quietLimit(epochs: epochs, seconds: since.map { written - $0 } ?? 0)
    guard now - written >= limit else {
      summary.evidence += "; it has \(count), and may still run"
      summary.settlesAt = written + limit
      return
    }
    summary.state = .killed
    let quiet = limit == Self.silentSeconds ? "a day" : NumberText.duration(seconds: limit)
    summary.evidence = "it has \(count) and has logged nothing for more than \(quiet): it was killed or stopped"
  }

  /// Seconds without a word after which a training has ended: those of three epochs, but at least ten minutes and at most a day;
  /// a day where nothing tells how long an epoch takes.
  private static func quietLimit(epochs: Int, seconds: Double) -> Double {
    guard epochs > 0, seconds > 10 else { return silentSeconds }
    return min(silentSeconds, max(freshSeconds, 3 * seconds / Double(epochs)))
  }

  /// When a training began: its log says so, or the settings that the logger writes then.
  private func started(_ log: RunLog, _ found: FoundRun) -> Double? {
    if let started = log.started { return started }
    guard found.names.contains("hparams.yaml") else { return nil }
    return LogStamp(path(of: found.folder) + "/hparams.yaml")?.modified
  }

  private func newest(_ checkpoints: [RunCheckpoint]) -> Double? {
    checkpoints.compactMap { LogStamp($0.path)?.modified }.max()
  }

  /// Whether a log has just grown, and isn't a fresh copy of an old one: its own times say so, or, where it has none, it is
  /// younger than the settings that the logger wrote when the training began.
  private func isGrowing(_ found: FoundRun, _ modified: Double?, _ logged: Double?) -> Bool {
    guard let modified, isFresh(modified) else { return false }
    if let logged { return isFresh(logged) }
    return LogStamp(path(of: found.folder) + "/hparams.yaml").map { modified - $0.modified > 10 } ?? false
  }

  /// As `isGrowing`, of a log that has no times and no settings beside it: its folder is as old as the newest file that was
  /// made in it, and a log that grows in place does not make it younger.
  private func growsAlone(_ found: FoundRun, _ modified: Double?, _ logged: Double?) -> Bool {
    guard logged == nil, !found.names.contains("hparams.yaml"), let modified, isFresh(modified) else { return false }
    return LogStamp(path(of: found.folder)).map { modified - $0.modified > 10 } ?? false
  }
}

extension RunSummary {
  fileprivate mutating func finish(planned: Int) {
    state = .finished
    evidence = "it has all of its \(planned) planned epochs"
  }
}
