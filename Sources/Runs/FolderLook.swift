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
  init(_ root: String, isWanted: Bool, _ reader: RunReader, known: KnownFolders?) {
    guard let open = OpenFolder(root) else {
      unreadable.append("")
      return
    }
    look(into: open, folder: "", isWanted: isWanted, reader, known, on: nil, ReadingRoom())
  }

  /// Looks into folders of one folder.
  ///
  /// - Parameters:
  ///   - isWanted: whether runs in a folder count; the folders below it are searched anyway.
  ///   - known: folders of an earlier look; nil where there was none: then logs are read while their folder is open.
  /// - Throws: `interrupted`.
  init(
    _ siblings: SiblingFolders, isWanted: (String) -> Bool, _ reader: RunReader, known: KnownFolders?,
    _ cancellation: Cancellation?
  ) throws {
    guard let parent = OpenFolder(reader.path(of: siblings.parent)) else {
      unreadable = siblings.names.map(siblings.folder)
      return
    }
    let room = ReadingRoom()
    let reader = reader.withOwnHeaders
    runs.reserveCapacity(siblings.names.count)
    let device = parent.localDevice
    var row = siblings.names.first.flatMap { known?.start(siblings.folder($0)) } ?? 0
    for name in siblings.names {
      try cancellation?.check()
      let folder = siblings.folder(name)
      let isWanted = isWanted(folder)
      if device != nil, isWanted, let run = known?.run(folder, name: name, in: parent, from: &row) {
        runs.append(run)
      } else if let open = OpenFolder(name, in: parent) {
        look(into: open, folder: folder, isWanted: isWanted, reader, known, on: device, room)
      } else {
        unreadable.append(folder)
      }
    }
  }

  /// - Parameters:
  ///   - open: the folder, just opened.
  ///   - folder: relative to the folder that is searched.
  ///   - device: on which the times of folders can be trusted; nil where they can't.
  private mutating func look(
    into open: borrowing OpenFolder, folder: String, isWanted: Bool, _ reader: RunReader, _ known: KnownFolders?,
    on device: UInt64?, _ room: borrowing ReadingRoom
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
    let first = runs.count
    let isTrial = look(at: listing.files, reader.path(of: folder), folder)
    if isTrial, listing.isPlain, listing.folders.isEmpty, let device, let stamp = LogStamp(open, on: device),
      reader.now - stamp.modified > Self.trustedSeconds
    {
      runs[first].place = FolderNames(names: listing.files, stamp: stamp.text)
    }
    guard known == nil else { return }
    for place in first..<runs.count { runs[place].reading = reader.reading(of: runs[place], in: open, room) }
  }

  /// A folder that changed just before the look may change again without another time: clocks of file systems are coarse.
  private static let trustedSeconds = 2.0

  /// - Returns: whether its names tell that there is nothing but one Ray trial with a table.
  private mutating func look(at names: [String], _ path: @autoclosure () -> String, _ folder: String) -> Bool {
    func found(_ kind: RunKind, _ files: [String]) -> FoundRun {
      FoundRun(kind: kind, folder: folder, files: files, names: names)
    }
    var isTrial = false
    let report = [RayTrialLog.tableName, RayTrialLog.reportsName].first(where: names.contains)
    if let report, Self.isRayTrial(path(), report, names) {
      isTrial = true
      runs.append(found(.ray, names.count == 1 ? names : [report]))
      if names.count == 1 { return report == RayTrialLog.tableName }
    }
    if report == nil, names.contains(RayTrialLog.settingsName), names.contains(RayTrialLog.errorName) {
      isTrial = true
      runs.append(found(.ray, [RayTrialLog.errorName]))
    }
    // Whether more than the names was looked at, or there is more.
    var isOpen = report != RayTrialLog.tableName
    if names.contains(LightningCSVLog.fileName) {
      isOpen = true
      runs.append(found(.lightning, [LightningCSVLog.fileName]))
    }
    // Ray writes event files beside its own log.
    let events = isTrial ? [] : names.filter(TensorBoardLog.isEventFile)
    if !events.isEmpty { runs.append(found(.tensorboard, events)) }
    for name in names {
      if name.hasSuffix(".wandb") {
        isOpen = true
        runs.append(found(.wandb, [name]))
      }
      if name.hasSuffix(".db") || name.hasSuffix(".sqlite") {
        isOpen = true
        if MLflowDatabase.isStore(path() + "/" + name) { runs.append(found(.mlflow, [name])) }
      }
    }
    if names.contains(MLflowFileStore.fileName) {
      isOpen = true
      if MLflowFileStore.isRun(path()) { runs.append(found(.mlflow, [MLflowFileStore.fileName])) }
    }
    if let name = names.last(where: { $0.hasPrefix("experiment_state-") && $0.hasSuffix(".json") }) {
      isOpen = true
      status.merge(RayExperimentState.status(path() + "/" + name)) { _, new in new }
    }
    let files = names.filter { $0.hasSuffix(RunCheckpoint.ending) }
      .compactMap { RunCheckpoint(path: path() + "/" + $0) }
    if !files.isEmpty {
      isOpen = true
      checkpoints.append((folder, files))
    }
    return !isOpen
  }

  private static func isRayTrial(_ path: @autoclosure () -> String, _ name: String, _ names: [String]) -> Bool {
    if name == RayTrialLog.tableName || names.contains(RayTrialLog.settingsName) { return true }
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
