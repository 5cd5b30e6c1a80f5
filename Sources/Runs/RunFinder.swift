import Base
import Foundation
import Kernels
import RunLogs

/// Finds the runs below a folder, by what the files hold.
public struct RunFinder {
  public private(set) var runs: [FoundRun] = []
  /// Folders that can't be read, or that nest too deeply.
  public private(set) var remarks: [String] = []
  /// Status of each Ray trial by its id, from the experiments' own states.
  public private(set) var rayStatus: [String: String] = [:]
  /// What `rayStatus` was read from.
  private(set) var stateFiles: [String] = []
  private var checkpointFolders: [(folder: String, files: [RunCheckpoint])] = []

  private static let depthLimit = 40
  private static let folderLimit = 1_000_000

  /// - Parameter isWanted: of a run's folder, relative to `root`.
  /// - Throws: `interrupted`.
  public init(_ root: String, isWanted: (String) -> Bool = { _ in true }, cancellation: Cancellation? = nil) throws {
    let work = cancellation.map { Work(cancellation: $0) } ?? .silent
    @Sendable func path(_ folder: String) -> String { folder.isEmpty ? root : root + "/" + folder }
    // Level by level: the folders of one are listed on all cores.
    var level = [""]
    var count = 0
    for _ in 0...Self.depthLimit + 1 where !level.isEmpty {
      if count + level.count > Self.folderLimit {
        remarks.append("more than \(Self.folderLimit) folders: the rest was not searched")
        level.removeLast(count + level.count - Self.folderLimit)
      }
      count += level.count
      let folders = level
      let listings = try Parallel.map(folders.count, work: work) { FolderListing(path(folders[$0])) }
      level = []
      for (folder, listing) in zip(folders, listings) {
        try cancellation?.check()
        guard let listing else {
          remarks.append("\(folder.isEmpty ? root : folder) can't be read")
          continue
        }
        if isWanted(folder) { look(at: folder, path(folder), listing) }
        for name in listing.folders where !name.hasPrefix(".") {
          level.append(folder.isEmpty ? name : folder + "/" + name)
        }
      }
    }
    attachCheckpoints()
    runs.sort { $0.folder == $1.folder ? $0.kind.rawValue < $1.kind.rawValue : $0.folder < $1.folder }
  }

  private mutating func look(at folder: String, _ path: String, _ listing: FolderListing) {
    let names = Set(listing.files)
    func found(_ kind: RunKind, _ files: [String]) {
      runs.append(FoundRun(kind: kind, folder: folder, files: files, names: names))
    }
    var isTrial = false
    let reports = [RayTrialLog.tableName, RayTrialLog.reportsName].filter(names.contains)
    if let first = reports.first, isRayTrial(path, first, names) {
      isTrial = true
      found(.ray, [first])
    }
    if names.contains(LightningCSVLog.fileName) { found(.lightning, [LightningCSVLog.fileName]) }
    // Ray writes event files beside its own log.
    let events = isTrial ? [] : listing.files.filter(TensorBoardLog.isEventFile)
    if !events.isEmpty { found(.tensorboard, events) }
    for name in listing.files {
      if name.hasSuffix(".wandb") { found(.wandb, [name]) }
      if name.hasSuffix(".db") || name.hasSuffix(".sqlite"), MLflowDatabase.isStore(path + "/" + name) {
        found(.mlflow, [name])
      }
    }
    if names.contains(MLflowFileStore.fileName), MLflowFileStore.isRun(path) {
      found(.mlflow, [MLflowFileStore.fileName])
    }
    if let state = listing.files.last(where: { $0.hasPrefix("experiment_state-") && $0.hasSuffix(".json") }) {
      stateFiles.append(path + "/" + state)
      rayStatus.merge(RayExperimentState.status(path + "/" + state)) { _, new in new }
    }
    let checkpoints = listing.files.compactMap { RunCheckpoint(path: path + "/" + $0) }
    if !checkpoints.isEmpty { checkpointFolders.append((folder, checkpoints)) }
  }

  private func isRayTrial(_ path: String, _ name: String, _ names: Set<String>) -> Bool {
    if name == RayTrialLog.tableName || names.contains("params.json") { return true }
    // `result.json` is a common name: Ray's begins with a report.
    guard let file = try? RegularFile(path: path + "/" + name),
      let start = try? file.read(0..<min(file.size, 65_536))
    else { return false }
    return String(decoding: start, as: UTF8.self).contains("\"training_iteration\"")
  }

  /// Checkpoints beside a log belong to the run: in its folder or below it, in a folder that is named after it, or in a
  /// folder `checkpoints` next to its logs. Others are runs of their own.
  private mutating func attachCheckpoints() {
    for (folder, files) in checkpointFolders {
      let parts = folder.split(separator: "/")
      let last = parts.last.map(String.init) ?? ""
      let parent = parts.dropLast().joined(separator: "/")
      func isInside(_ run: FoundRun) -> Bool {
        folder == run.folder || run.folder.isEmpty || folder.hasPrefix(run.folder + "/")
      }
      var owners = runs.indices.filter { runs[$0].kind != .checkpoints && isInside(runs[$0]) }
      if let deepest = owners.map({ runs[$0].folder.count }).max() {
        owners.removeAll { runs[$0].folder.count < deepest }
      }
      if owners.isEmpty, last == "checkpoints" || last == "ckpt" || last == "ckpts" && !parent.isEmpty {
        owners = runs.indices.filter { runs[$0].folder.hasPrefix(parent.isEmpty ? "" : parent + "/") }
          .filter { ![.checkpoints, .ray, .mlflow].contains(runs[$0].kind) }
      }
      for owner in owners { runs[owner].checkpoints += files }
      if owners.isEmpty {
        runs.append(
          FoundRun(
            kind: .checkpoints, folder: folder, files: [], names: Set(files.map { $0.path.lastComponent }),
            checkpoints: files))
      }
    }
  }
}
