import Base
import Kernels
import RunLogs

/// Finds the runs below a folder, by what the files hold.
struct RunFinder {
  private(set) var runs: [FoundRun] = []
  /// Folders that can't be read, or that nest too deeply.
  private(set) var remarks: [String] = []
  /// Status of each Ray trial by its id, from the experiments' own states.
  private(set) var rayStatus: [String: String] = [:]
  private var checkpointFolders: [(folder: String, files: [RunCheckpoint])] = []

  private static let depthLimit = 40
  private static let folderLimit = 1_000_000

  /// - Parameters:
  ///   - isWanted: of a run's folder, relative to `root`.
  ///   - known: folders of an earlier look; nil where there was none: then logs are read while their folder is open.
  /// - Throws: `interrupted`.
  init(
    _ root: String, isWanted: @Sendable (String) -> Bool, reader: RunReader, known: KnownFolders?,
    cancellation: Cancellation? = nil
  ) throws {
    let work = cancellation.map { Work(cancellation: $0) } ?? .silent
    var level = take(FolderLook(root, isWanted: isWanted(""), reader, known: known), root)
    // Level by level: the folders of one are looked at on all cores.
    var count = 1
    for _ in 0...Self.depthLimit where !level.isEmpty {
      let left = Self.folderLimit - count
      let folders = level.reduce(0) { $0 + $1.names.count }
      if folders > left {
        remarks.append("more than \(Self.folderLimit) folders: the rest was not searched")
      }
      count += min(folders, left)
      let parts = SiblingFolders.parts(of: level, limit: left)
      let looks = try Parallel.map(parts.count, work: work) { part in
        try FolderLook(parts[part], isWanted: isWanted, reader, known: known, cancellation)
      }
      level = looks.flatMap { take($0, root) }
    }
    attachCheckpoints()
    runs = WandbResumes.joined(runs, root)
    runs.sort { $0.folder == $1.folder ? $0.kind.rawValue < $1.kind.rawValue : $0.folder < $1.folder }
  }

  /// - Returns: the folders that lie in those of the look.
  private mutating func take(_ look: FolderLook, _ root: String) -> [SiblingFolders] {
    runs += look.runs
    checkpointFolders += look.checkpoints
    if !look.status.isEmpty { rayStatus.merge(look.status) { _, new in new } }
    for folder in look.unreadable { remarks.append("\(folder.isEmpty ? root : folder) can't be read") }
    return look.inside
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
            kind: .checkpoints, folder: folder, files: [],
            names: files.map { $0.path.lastComponent }, checkpoints: files))
      }
    }
  }
}
