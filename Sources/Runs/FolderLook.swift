import Base
import RunLogs

/// What a folder itself holds of runs.
struct FolderLook: Sendable {
  private(set) var runs: [FoundRun] = []
  private(set) var checkpoints: [RunCheckpoint] = []
  /// The status of each trial by its id, from Ray's state of the experiment.
  private(set) var status: [String: String]?
  /// The folders in it that may hold runs, too.
  let folders: [String]

  /// - Parameters:
  ///   - open: the folder, just opened.
  ///   - folder: relative to `root`, the folder that is searched.
  ///   - isWanted: whether runs in it count; the folders below it are searched anyway.
  ///   - reader: for logs that are worth reading while the folder is open; nil to read none.
  /// - Returns: nil for a folder that can't be read.
  init?(
    _ open: borrowing OpenFolder, root: String, folder: String, isWanted: Bool, _ reader: RunReader?,
    _ room: borrowing ReadingRoom
  ) {
    guard let listing = FolderListing(open, room) else { return nil }
    folders = listing.folders.filter { $0.utf8.first != UInt8(ascii: ".") }
    guard isWanted else { return }
    look(root, folder, listing.files)
    guard let reader else { return }
    for place in runs.indices { runs[place].reading = reader.reading(of: runs[place], in: open, room) }
  }

  private mutating func look(_ root: String, _ folder: String, _ names: [String]) {
    func found(_ kind: RunKind, _ files: [String]) -> FoundRun {
      FoundRun(kind: kind, root: root, folder: folder, files: files, names: names)
    }
    var path: String { folder.isEmpty ? root : root + "/" + folder }
    var isTrial = false
    let report = [RayTrialLog.tableName, RayTrialLog.reportsName].first(where: names.contains)
    if let report, Self.isRayTrial(path, report, names) {
      isTrial = true
      runs.append(found(.ray, names.count == 1 ? names : [report]))
    }
    if names.contains(LightningCSVLog.fileName) { runs.append(found(.lightning, [LightningCSVLog.fileName])) }
    // Ray writes event files beside its own log.
    let events = isTrial ? [] : names.filter(TensorBoardLog.isEventFile)
    if !events.isEmpty { runs.append(found(.tensorboard, events)) }
    for name in names {
      if name.hasSuffix(".wandb") { runs.append(found(.wandb, [name])) }
      if name.hasSuffix(".db") || name.hasSuffix(".sqlite"), MLflowDatabase.isStore(path + "/" + name) {
        runs.append(found(.mlflow, [name]))
      }
    }
    if names.contains(MLflowFileStore.fileName), MLflowFileStore.isRun(path) {
      runs.append(found(.mlflow, [MLflowFileStore.fileName]))
    }
    if let name = names.last(where: { $0.hasPrefix("experiment_state-") && $0.hasSuffix(".json") }) {
      status = RayExperimentState.status(path + "/" + name)
    }
    for name in names where name.hasSuffix(RunCheckpoint.ending) {
      if let checkpoint = RunCheckpoint(path: path + "/" + name) { checkpoints.append(checkpoint) }
    }
  }

  private static func isRayTrial(_ path: @autoclosure () -> String, _ name: String, _ names: [String]) -> Bool {
    if name == RayTrialLog.tableName || names.contains("params.json") { return true }
    // `result.json` is a common name: Ray's begins with a report.
    guard let file = try? RegularFile(path: path() + "/" + name),
      let start = try? file.read(0..<min(file.size, 65_536))
    else { return false }
    return String(decoding: start, as: UTF8.self).contains("\"training_iteration\"")
  }
}
