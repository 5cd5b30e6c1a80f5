import Base
import RunLogs

/// What some folders themselves hold of runs.
struct FolderLook: Sendable {
  private(set) var runs: [FoundRun] = []
  private(set) var checkpoints: [(folder: String, files: [RunCheckpoint])] = []
  /// The status of each trial by its id, from Ray's states of the experiments.
  private(set) var status: [String: String] = [:]
  /// The folders in them that may hold runs, too.
  private(set) var inside: [SiblingFolders] = []
  /// Folders that can't be read.
  private(set) var unreadable: [String] = []

  /// Looks into the folder that is searched.
  init(_ root: String, isWanted: Bool, _ reader: RunReader?) {
    guard let open = OpenFolder(root) else {
      unreadable.append("")
      return
    }
    look(into: open, root: root, folder: "", isWanted: isWanted, reader, ReadingRoom())
  }

  /// Looks into folders of one folder.
  ///
  /// - Parameters:
  ///   - isWanted: whether runs in a folder count; the folders below it are searched anyway.
  ///   - reader: for logs that are worth reading while their folder is open; nil to read none.
  /// - Throws: `interrupted`.
  init(
    _ siblings: SiblingFolders, root: String, isWanted: (String) -> Bool, _ reader: RunReader?,
    _ cancellation: Cancellation?
  ) throws {
    guard let parent = OpenFolder(siblings.parent.isEmpty ? root : root + "/" + siblings.parent) else {
      unreadable = siblings.names.map(siblings.folder)
      return
    }
    let room = ReadingRoom()
    let reader = reader?.withOwnHeaders
    runs.reserveCapacity(siblings.names.count)
    for name in siblings.names {
      try cancellation?.check()
      let folder = siblings.folder(name)
      if let open = OpenFolder(name, in: parent) {
        look(into: open, root: root, folder: folder, isWanted: isWanted(folder), reader, room)
      } else {
        unreadable.append(folder)
      }
    }
  }

  /// - Parameters:
  ///   - open: the folder, just opened.
  ///   - folder: relative to `root`.
  private mutating func look(
    into open: borrowing OpenFolder, root: String, folder: String, isWanted: Bool, _ reader: RunReader?,
    _ room: borrowing ReadingRoom
  ) {
    guard let listing = FolderListing(open, room) else {
      unreadable.append(folder)
      return
    }
    if !listing.folders.isEmpty {
      let names = listing.folders.filter { $0.utf8.first != UInt8(ascii: ".") }
      inside.append(SiblingFolders(parent: folder, names: names[...]))
    }
    guard isWanted else { return }
    let known = runs.count
    look(at: listing.files, root, folder)
    guard let reader else { return }
    for place in known..<runs.count { runs[place].reading = reader.reading(of: runs[place], in: open, room) }
  }

  private mutating func look(at names: [String], _ root: String, _ folder: String) {
    func found(_ kind: RunKind, _ files: [String]) -> FoundRun {
      FoundRun(kind: kind, folder: folder, files: files, names: names)
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
      status.merge(RayExperimentState.status(path + "/" + name)) { _, new in new }
    }
    let files = names.filter { $0.hasSuffix(RunCheckpoint.ending) }.compactMap { RunCheckpoint(path: path + "/" + $0) }
    if !files.isEmpty { checkpoints.append((folder, files)) }
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

/// Folders that lie in one folder.
struct SiblingFolders: Sendable {
  /// Relative to the folder that is searched.
  let parent: String
  var names: ArraySlice<String>

  /// One of them, relative to the folder that is searched.
  func folder(_ name: String) -> String {
    guard !parent.isEmpty else { return name }
    var folder = ""
    folder.reserveCapacity(parent.utf8.count + 1 + name.utf8.count)
    folder += parent
    folder += "/"
    folder += name
    return folder
  }

  /// The same folders in parts of some, and no more than the limit in all.
  static func parts(of level: [SiblingFolders], limit: Int) -> [SiblingFolders] {
    let size = max(1, min(32, level.reduce(0) { $0 + $1.names.count } / 64))
    var left = limit
    var parts: [SiblingFolders] = []
    for siblings in level {
      var rest = siblings.names.prefix(left)
      left -= rest.count
      while !rest.isEmpty {
        parts.append(SiblingFolders(parent: siblings.parent, names: rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
    }
    return parts
  }
}
