import Base
import Foundation
import RunLogs

/// The checkpoints of watched runs: which can be read, and what is wrong with the others. A file that is half written is tried
/// again.
public struct WatchedCheckpoints: Sendable {
  public static let kinds: Set<RunAlarm.Kind> = [.unreadable, .weights, .deadChannels, .narrow]

  /// A file that can't be read and has not changed for this long is damaged, not half written.
  private static let patienceSeconds = 10.0

  private struct Known {
    var stamp: String
    var modified: Double
    /// Nil: it could not be read.
    var epoch: Int?
    var isReadable: Bool
    var problem: String?
  }

  private var known: [String: Known] = [:]
  private var planned: [String: Int] = [:]
  private var told: [String: [RunAlarm]] = [:]

  public init() {}

  /// Whether a file that could not be read is to be tried again soon.
  public var isRetrying: Bool { !retrying.isEmpty }
  /// Runs with such a file.
  private var retrying: Set<String> = []

  /// Epochs that the schedule in a checkpoint has.
  public func plannedEpochs(of run: RunSummary) -> Int? { planned[run.run] }

  /// Looks at the files of a run that are new or have changed; those that could not be read are tried again.
  ///
  /// - Returns: those that can be read, with their epochs.
  public mutating func look(_ run: RunSummary, now: Double) -> [(epoch: Int, path: String)] {
    var alarms: [RunAlarm] = []
    var usable: [(epoch: Int, path: String)] = []
    retrying.remove(run.run)
    for checkpoint in run.checkpoints {
      guard let stamp = LogStamp(checkpoint.path) else { continue }
      var state = known[checkpoint.path]
      if state?.stamp != stamp.text || state?.isReadable == false {
        state = read(checkpoint, stamp, run)
        known[checkpoint.path] = state
      }
      guard let state else { continue }
      if state.isReadable {
        // `last.ckpt` repeats the newest one under another name: it counts where no other file has its epoch.
        if let epoch = state.epoch, !(checkpoint.isLast && usable.contains { $0.epoch == epoch }) {
          usable.append((epoch, checkpoint.path))
        }
      } else if now - state.modified > Self.patienceSeconds {
        alarms.append(
          RunAlarm(run.run, .unreadable, place: checkpoint.path.lastComponent, state.problem ?? "it can't be read"))
      } else {
        retrying.insert(run.run)
      }
    }
    if let newest = usable.max(by: { $0.epoch < $1.epoch }) { alarms += weights(run.run, newest.path) }
    told[run.run] = alarms
    return usable
  }

  /// The newest checkpoint that can be read, and what is compared to see whether it has changed.
  public func newest(_ usable: [(epoch: Int, path: String)]) -> (path: String, stamp: String, epoch: Int)? {
    guard let newest = usable.max(by: { $0.epoch < $1.epoch }), let stamp = known[newest.path]?.stamp else {
      return nil
    }
    return (newest.path, stamp, newest.epoch)
  }

  public func alarms(_ run: String) -> [RunAlarm] { told[run] ?? [] }

  private mutating func read(_ checkpoint: RunCheckpoint, _ stamp: LogStamp, _ run: RunSummary) -> Known {
    do {
      let inside = try CheckpointLog(path: checkpoint.path)
      if let epochs = inside.plannedEpochs { planned[run.run] = epochs }
      return Known(
        stamp: stamp.text, modified: stamp.modified, epoch: checkpoint.epoch ?? inside.epoch, isReadable: true)
    } catch {
      return Known(
        stamp: stamp.text, modified: stamp.modified, isReadable: false,
        problem: (error as? Failure)?.message ?? "\(error)")
    }
  }

  private var weighed: [String: (path: String, stamp: String, alarms: [RunAlarm])] = [:]

  /// What the newest checkpoint's weights show; read once.
  private mutating func weights(_ run: String, _ path: String) -> [RunAlarm] {
    let stamp = known[path]?.stamp ?? ""
    if let last = weighed[run], last.path == path, last.stamp == stamp { return last.alarms }
    let alarms = (try? WeightAlarms.alarms(run, path)) ?? []
    weighed[run] = (path, stamp, alarms)
    return alarms
  }
}
