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

  /// Folders that lie in one folder.
  private struct Siblings: Sendable {
    /// Relative to the root.
    let parent: String
    var names: ArraySlice<String>

    func folder(_ name: String) -> String {
      guard !parent.isEmpty else { return name }
      var folder = ""
      folder.reserveCapacity(parent.utf8.count + 1 + name.utf8.count)
      folder += parent
      folder += "/"
      folder += name
      return folder
    }
  }

  /// - Parameters:
  ///   - isWanted: of a run's folder, relative to `root`.
  ///   - reader: for logs that are worth reading while their folder is open; nil to read none.
  /// - Throws: `interrupted`.
  init(
    _ root: String, isWanted: @Sendable (String) -> Bool, reader: RunReader?, cancellation: Cancellation? = nil
  ) throws {
    let work = cancellation.map { Work(cancellation: $0) } ?? .silent
    var level: [Siblings] = []
    if let open = OpenFolder(root),
      let look = FolderLook(open, root: root, folder: "", isWanted: isWanted(""), reader, ReadingRoom())
    {
      take(look, "", &level)
    } else {
      remarks.append("\(root) can't be read")
    }
    // Level by level: the folders of one are looked at on all cores.
    var count = 1
    for _ in 0...Self.depthLimit where !level.isEmpty {
      let parts = Self.parts(of: level, limit: max(0, Self.folderLimit - count))
      let folders = level.reduce(0) { $0 + $1.names.count }
      if count + folders > Self.folderLimit {
        remarks.append("more than \(Self.folderLimit) folders: the rest was not searched")
      }
      count += folders
      let looks = try Parallel.map(parts.count, work: work) { part in
        try Self.looks(at: parts[part], root: root, isWanted: isWanted, reader, cancellation)
      }
      level = []
      for (part, looks) in zip(parts, looks) {
        for (name, look) in zip(part.names, looks) {
          if let look {
            take(look, part.folder(name), &level)
          } else {
            remarks.append("\(part.folder(name)) can't be read")
          }
        }
      }
    }
    attachCheckpoints(root)
    runs.sort { $0.folder == $1.folder ? $0.kind.rawValue < $1.kind.rawValue : $0.folder < $1.folder }
  }

  /// The same folders in parts of some, and no more than the limit in all.
  private static func parts(of level: [Siblings], limit: Int) -> [Siblings] {
    let size = max(1, min(32, level.reduce(0) { $0 + $1.names.count } / 64))
    var left = limit
    var parts: [Siblings] = []
    for siblings in level {
      var rest = siblings.names.prefix(left)
      left -= rest.count
      while !rest.isEmpty {
        parts.append(Siblings(parent: siblings.parent, names: rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
    }
    return parts
  }

  /// - Returns: a look at each, nil for a folder that can't be read.
  /// - Throws: `interrupted`.
  private static func looks(
    at siblings: Siblings, root: String, isWanted: (String) -> Bool, _ reader: RunReader?, _ cancellation: Cancellation?
  ) throws -> [FolderLook?] {
    guard let parent = OpenFolder(siblings.parent.isEmpty ? root : root + "/" + siblings.parent) else {
      return siblings.names.map { _ in nil }
    }
    let room = ReadingRoom()
    let reader = reader?.withOwnHeaders
    var looks: [FolderLook?] = []
    looks.reserveCapacity(siblings.names.count)
    for name in siblings.names {
      try cancellation?.check()
      let folder = siblings.folder(name)
      if let open = OpenFolder(name, in: parent) {
        looks.append(FolderLook(open, root: root, folder: folder, isWanted: isWanted(folder), reader, room))
      } else {
        looks.append(nil)
      }
    }
    return looks
  }

  private mutating func take(_ look: FolderLook, _ folder: String, _ level: inout [Siblings]) {
    runs += look.runs
    if !look.checkpoints.isEmpty { checkpointFolders.append((folder, look.checkpoints)) }
    if let status = look.status { rayStatus.merge(status) { _, new in new } }
    if !look.folders.isEmpty { level.append(Siblings(parent: folder, names: look.folders[...])) }
  }

  /// Checkpoints beside a log belong to the run: in its folder or below it, in a folder that is named after it, or in a
  /// folder `checkpoints` next to its logs. Others are runs of their own.
  private mutating func attachCheckpoints(_ root: String) {
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
            kind: .checkpoints, root: root, folder: folder, files: [],
            names: files.map { $0.path.lastComponent }, checkpoints: files))
      }
    }
  }
}
