import RunLogs

/// Joins the folders that W&B made for one run: each process that resumes it begins one of its own, `run-DATE_TIME-ID` or
/// `offline-run-DATE_TIME-ID`, beside the first.
enum WandbResumes {
  /// What the names of the later logs begin with, seen from the folder of the first.
  static let beside = "../"

  /// - Parameter root: the folder that was searched.
  static func joined(_ runs: [FoundRun], _ root: String) -> [FoundRun] {
    var parts: [String: [(began: String, place: Int)]] = [:]
    for (place, run) in runs.enumerated() where run.kind == .wandb {
      guard let name = FolderName(run.folder.lastComponent), run.files == ["run-\(name.id).wandb"] else { continue }
      parts["\(run.folder.folderAbove)/\(name.id)", default: []].append((name.began, place))
    }
    parts = parts.filter { $1.count > 1 }
    guard !parts.isEmpty else { return runs }
    var (runs, gone): ([FoundRun], Set<Int>) = (runs, [])
    for (_, parts) in parts {
      let order = parts.sorted { ($0.began, $0.place) < ($1.began, $1.place) }.map(\.place)
      for group in groups(order.map { ($0, WandbLog.firstStep(path(runs[$0], root))) }) where group.count > 1 {
        runs[group[0]] = FoundRun(group.map { runs[$0] })
        gone.formUnion(group.dropFirst())
      }
    }
    return runs.enumerated().filter { !gone.contains($0.offset) }.map(\.element)
  }

  private static func path(_ run: FoundRun, _ root: String) -> String {
    (run.folder.isEmpty ? root : root + "/" + run.folder) + "/" + (run.files.first ?? "")
  }

  /// A log that begins no later than the first one does not go on from it: the training was begun again, or its steps are
  /// counted anew, and the first log would be lost among the later one's steps.
  private static func groups(_ parts: [(place: Int, firstStep: Int?)]) -> [[Int]] {
    var groups: [(places: [Int], firstStep: Int?)] = []
    for part in parts {
      if let last = groups.last, part.firstStep.map({ $0 > last.firstStep ?? -1 }) ?? true {
        groups[groups.count - 1] = (last.places + [part.place], last.firstStep ?? part.firstStep)
      } else {
        groups.append(([part.place], part.firstStep))
      }
    }
    return groups.map(\.places)
  }

  /// When a process began, as text that sorts by time, and the id of its run.
  private struct FolderName {
    let began: String
    let id: String

    /// Nil for a folder that W&B did not name.
    init?(_ name: String) {
      guard let found = name.wholeMatch(of: /(?:offline-)?run-([0-9]{8}_[0-9]{6})-(.+)/) else { return nil }
      (began, id) = (String(found.1), String(found.2))
    }
  }
}

extension FoundRun {
  /// One run of several folders that lie in one folder, the earliest first.
  fileprivate init(_ parts: [FoundRun]) {
    let later = parts.dropFirst().flatMap { part in
      part.files.map { "\(WandbResumes.beside)\(part.folder.lastComponent)/\($0)" }
    }
    self.init(
      kind: parts[0].kind, folder: parts[0].folder, files: parts[0].files + later, names: parts[0].names,
      checkpoints: parts.flatMap(\.checkpoints))
  }
}
