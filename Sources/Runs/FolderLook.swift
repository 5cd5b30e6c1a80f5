import Base
import RunLogs

/// What a folder itself holds of runs.
struct FolderLook: Sendable {
  private(set) var runs: [FoundRun] = []
  private(set) var checkpoints: [RunCheckpoint] = []
  /// Ray's state of the experiment: its file, and the status of each trial by its id.
  private(set) var state: (file: String, status: [String: String])?
  /// The folders in it that may hold runs, too.
  let folders: [String]

  /// - Parameters:
  ///   - folder: relative to the folder that is searched.
  ///   - path: the same in full.
  ///   - isWanted: whether runs in it count; the folders below it are searched anyway.
  /// - Returns: nil for a folder that can't be read.
  init?(_ folder: String, _ path: String, isWanted: Bool) {
    guard let listing = FolderListing(path) else { return nil }
    folders = listing.folders.filter { !$0.hasPrefix(".") }
    if isWanted { look(folder, path, listing.files) }
  }

  private mutating func look(_ folder: String, _ path: String, _ names: [String]) {
    func found(_ kind: RunKind, _ files: [String]) -> FoundRun {
      FoundRun(kind: kind, folder: folder, path: path, files: files, names: names)
    }
    var isTrial = false
    let report = [RayTrialLog.tableName, RayTrialLog.reportsName].first(where: names.contains)
    if let report, Self.isRayTrial(path, report, names) {
      isTrial = true
      runs.append(found(.ray, [report]))
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
      state = (path + "/" + name, RayExperimentState.status(path + "/" + name))
    }
    for name in names where name.hasSuffix(RunCheckpoint.ending) {
      if let checkpoint = RunCheckpoint(path: path + "/" + name) { checkpoints.append(checkpoint) }
    }
  }

  private static func isRayTrial(_ path: String, _ name: String, _ names: [String]) -> Bool {
    if name == RayTrialLog.tableName || names.contains("params.json") { return true }
    // `result.json` is a common name: Ray's begins with a report.
    guard let file = try? RegularFile(path: path + "/" + name),
      let start = try? file.read(0..<min(file.size, 65_536))
    else { return false }
    return String(decoding: start, as: UTF8.self).contains("\"training_iteration\"")
  }
}
