import Base
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
  public init(
    _ root: String, isWanted: @Sendable (String) -> Bool = { _ in true }, cancellation: Cancellation? = nil
  ) throws {
    let work = cancellation.map { Work(cancellation: $0) } ?? .silent
    @Sendable func path(_ folder: String) -> String { folder.isEmpty ? root : root + "/" + folder }
    // Level by level: the folders of one are looked at on all cores.
    var level = [""]
    var count = 0
    for _ in 0...Self.depthLimit + 1 where !level.isEmpty {
      if count + level.count > Self.folderLimit {
        remarks.append("more than \(Self.folderLimit) folders: the rest was not searched")
        level.removeLast(count + level.count - Self.folderLimit)
      }
      count += level.count
      let folders = level
      let looks = try Parallel.map(folders.count, work: work) { place in
        FolderLook(folders[place], path(folders[place]), isWanted: isWanted(folders[place]))
      }
      level = []
      for (folder, look) in zip(folders, looks) {
        try cancellation?.check()
        guard let look else {
          remarks.append("\(folder.isEmpty ? root : folder) can't be read")
          continue
        }
        runs += look.runs
        if !look.checkpoints.isEmpty { checkpointFolders.append((folder, look.checkpoints)) }
        if let (file, status) = look.state {
          stateFiles.append(file)
          rayStatus.merge(status) { _, new in new }
        }
        for name in look.folders { level.append(folder.isEmpty ? name : folder + "/" + name) }
      }
    }
    attachCheckpoints()
    runs.sort { $0.folder == $1.folder ? $0.kind.rawValue < $1.kind.rawValue : $0.folder < $1.folder }
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
            kind: .checkpoints, folder: folder, path: files.first?.path.folderAbove ?? "", files: [],
            names: files.map { $0.path.lastComponent }, checkpoints: files))
      }
    }
  }
}
