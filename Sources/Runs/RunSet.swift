import Base
import Foundation
import Kernels
import RunLogs

/// The runs below a folder.
public struct RunSet: Sendable {
  public let root: String
  public let glob: String?
  public private(set) var runs: [RunSummary] = []
  public private(set) var remarks: [String] = []
  /// How many logs were read; the others are as they were the last time.
  public private(set) var readCount = 0
  /// Whether this look found something else than the earlier one.
  public private(set) var hasNewIndex = false
  /// The index of the earlier look.
  private let before: [UInt8]
  /// The rows before checkpoints were given to their runs, where that has changed them.
  private var unadopted: [RunSummary]?
  /// What was read of logs that grow.
  private let memory: LogMemory?

  /// - Parameters:
  ///   - index: of an earlier look; empty or damaged where there is none. Logs that have not changed since are not read again.
  ///   - now: seconds since 1970.
  ///   - memory: of earlier looks: a log that has grown is read on from where it ended; nil to read it whole.
  /// - Throws: `interrupted`.
  public init(
    root: String, glob: String? = nil, index before: [UInt8] = [], now: Double, memory: LogMemory? = nil,
    cancellation: Cancellation? = nil
  ) throws {
    self.root = root
    self.memory = memory
    self.glob = glob
    self.before = before
    let pattern = glob.map(GlobPattern.init)
    let reader = RunReader(root: root, now: now, memory: memory)
    let rows = RunIndex.decoded(before) ?? []
    let finder = try RunFinder(
      root, isWanted: { pattern?.matches($0) ?? true }, reader: reader,
      known: rows.isEmpty ? nil : KnownFolders(rows: rows), cancellation: cancellation)
    remarks = finder.remarks
    let earlier = EarlierRuns(rows, found: finder.runs)
    let work = cancellation.map { Work(cancellation: $0) } ?? .silent
    let found = finder.runs
    // How many rows of the earlier look stand for a run; 0 where it is read.
    let known = try Parallel.map(earlier.runs.isEmpty ? 0 : found.count, work: work) { place in
      let rows = earlier.rows(of: found[place], at: place)
      // A run that runs is looked at again when its log has grown, or is so old that it may have ended; so is
      // one whose state depends on its age.
      guard let first = rows.first,
        first.state != .running || now - (first.ended ?? 0) < RunReader.freshSeconds,
        now < first.settlesAt ?? .infinity,
        first.stamp == reader.stamp(found[place], log: found[place].stamp).text
      else { return 0 }
      return rows.count
    }
    readCount = found.count - known.count { $0 > 0 }
    if readCount == 0, known.reduce(0, +) == earlier.runs.count {
      runs = earlier.runs
    } else {
      hasNewIndex = true
      let unread = found.indices.filter { (known.isEmpty || known[$0] == 0) && found[$0].reading == nil }
      let read = try Parallel.map(unread.count, work: work) { try reader.summaries(found[unread[$0]]) }
      var next = 0
      runs.reserveCapacity(found.count)
      for (place, run) in found.enumerated() {
        if let reading = run.reading {
          runs.append(reading.summary)
          if !run.checkpoints.isEmpty { reader.give(run.checkpoints, to: &runs[runs.count - 1]) }
        } else if !known.isEmpty, known[place] > 0 {
          runs += earlier.rows(of: run, at: place)
        } else {
          runs += read[next]
          next += 1
        }
      }
    }
    adoptCheckpoints()
    RayTrials.settle(&runs, finder.rayStatus)
    RunNames.give(&runs, root: root)
  }

  /// What a later look starts from: see `RunIndex`. Made when it is asked for.
  public var index: [UInt8] { hasNewIndex ? RunIndex.encoded(unadopted ?? runs) : before }

  /// Checkpoints in a folder that is named as a run belong to that run.
  private mutating func adoptCheckpoints() {
    guard runs.contains(where: { $0.kind == .checkpoints }) else { return }
    let owners = Dictionary(
      runs.indices.compactMap { index in runs[index].kind == .checkpoints ? nil : runs[index].name.map { ($0, index) }
      },
      uniquingKeysWith: { first, _ in first })
    var taken: Set<Int> = []
    unadopted = runs
    for index in runs.indices where runs[index].kind == .checkpoints {
      guard let owner = owners[runs[index].folder.lastComponent] else { continue }
      runs[owner].checkpoints += runs[index].checkpoints
      taken.insert(index)
    }
    runs = runs.indices.filter { !taken.contains($0) }.map { runs[$0] }
  }

  private func folder(of run: RunSummary) -> String { run.folder.isEmpty ? root : root + "/" + run.folder }

  /// When a run's log, or the newest of its checkpoints where it has none, was last written to; seconds since 1970.
  public func modified(_ run: RunSummary) -> Double {
    let folder = folder(of: run)
    let paths = run.files.isEmpty ? run.checkpoints.map(\.path) : run.files.map { folder + "/" + $0 }
    return paths.compactMap { LogStamp($0)?.modified }.max() ?? 0
  }

  /// The whole log of a run.
  ///
  /// - Throws: what is wrong with it; `missing` where it is gone.
  public func log(_ run: RunSummary) throws -> RunLog { try log(run, .whole) }

  /// - Parameter extent: what is read of a Ray trial's table at least.
  func log(_ run: RunSummary, _ extent: RayTrialLog.Extent) throws -> RunLog {
    let reader = RunReader(root: root, now: 0, memory: memory)
    let folder = folder(of: run)
    let found = FoundRun(
      kind: run.kind, folder: run.folder, files: run.files, names: FolderListing(folder)?.files ?? [])
    let logs = try reader.logs(found, extent)
    guard let log = logs.count == 1 ? logs.first : logs.first(where: { $0.id == run.id }) else {
      throw Failure(.missing, "\(folder)/\(run.files.first ?? ""): the run \(run.run.shortened) is gone")
    }
    return log
  }

  /// The runs that a word means: by name, id or folder, in full or by a part that only one run has.
  public func runs(named word: String) -> [RunSummary] { ranked(named: word).runs }

  /// The runs that a word means, and how well it fits them: 0 for their name.
  public func ranked(named word: String) -> (rank: Int, runs: [RunSummary]) {
    let ways = [
      { (run: RunSummary) in run.run == word },
      { $0.id == word || $0.name == word || $0.folders.contains(word) },
      { $0.folders.contains { $0.hasSuffix("/" + word) } },
      { $0.run.contains(word) || $0.folders.contains { $0.contains(word) } },
    ]
    for (rank, isMeant) in ways.enumerated() {
      let found = runs.filter(isMeant)
      if !found.isEmpty { return (rank, found) }
    }
    return (ways.count, [])
  }
}

/// What an earlier look found of the runs that this one finds.
private struct EarlierRuns: Sendable {
  let runs: [RunSummary]
  /// The rows of each found run's folder. Both looks are in the order of folders.
  private let folders: [Range<Int>]

  init(_ runs: [RunSummary], found: [FoundRun]) {
    self.runs = runs
    var folders: [Range<Int>] = []
    folders.reserveCapacity(found.count)
    var start = 0
    for run in found {
      while start < runs.count, runs[start].folder < run.folder { start += 1 }
      var end = start
      while end < runs.count, runs[end].folder == run.folder { end += 1 }
      folders.append(start..<end)
    }
    self.folders = folders
  }

  /// A run of most kinds has one row, and most folders one run.
  func rows(of run: FoundRun, at place: Int) -> ArraySlice<RunSummary> {
    func isRow(_ row: RunSummary) -> Bool { row.kind == run.kind && row.files == run.files }
    let all = runs[folders[place]]
    return all.allSatisfy(isRow) ? all : all.filter(isRow)[...]
  }
}

/// A shell pattern over the folders of runs: `*` and `?` match `/`, too.
struct GlobPattern {
  let pattern: String

  func matches(_ folder: String) -> Bool {
    fnmatch(pattern, folder, 0) == 0 || fnmatch(pattern, folder.lastComponent, 0) == 0
      || fnmatch(pattern + "/*", folder, 0) == 0
  }
}

/// What is known of Ray trials only when all trials of an experiment are known.
enum RayTrials {
  /// A trial that Ray ended before the longest of its experiment was stopped early (ASHA and the like).
  static func settle(_ runs: inout [RunSummary], _ status: [String: String]) {
    var slots: [String: Int] = [:]
    var longest: [Int] = []
    // Trials of an experiment follow one another.
    var current: (experiment: String, slot: Int)?
    let places = runs.indices.map { index -> Int? in
      guard runs[index].kind == .ray else { return nil }
      let experiment = runs[index].experiment
      let slot: Int
      if let current, current.experiment == experiment {
        slot = current.slot
      } else {
        slot = slots[experiment] ?? longest.count
        slots[experiment] = slot
        if slot == longest.count { longest.append(0) }
        current = (experiment, slot)
      }
      longest[slot] = max(longest[slot], runs[index].epochs ?? 0)
      return slot
    }
    for (index, place) in places.enumerated() {
      guard let place, runs[index].state != .failed, !runs[index].isBroken else { continue }
      switch status.isEmpty ? nil : runs[index].id.flatMap({ status[$0] }) {
      case "ERROR": runs[index].settle(.failed, "Ray's experiment state says ERROR")
      case "RUNNING", "PENDING", "PAUSED": runs[index].settle(.running, "Ray's experiment state says it is not done")
      case "TERMINATED": runs[index].settle(.finished, "Ray's experiment state says TERMINATED")
      default: break
      }
      let most = longest[place]
      if runs[index].state == .finished, let epochs = runs[index].epochs, epochs < most {
        runs[index].settle(
          .stoppedEarly, "Ray ended it after \(epochs) reports; the longest of its experiment has \(most)")
      }
    }
  }
}

/// Names for the runs of a set: short, and different.
enum RunNames {
  static func give(_ runs: inout [RunSummary], root: String) {
    var versions: [String: Int] = [:]
    let version = "version_"
    let numbered = runs.indices.filter {
      ByteSearch.isFound(version, in: runs[$0].folder) && runs[$0].folder.lastComponent.hasPrefix(version)
    }
    for index in numbered { versions[runs[index].experiment, default: 0] += 1 }
    for index in runs.indices {
      let own = runs[index].name ?? (runs[index].kind == .mlflow ? runs[index].id : nil)
      runs[index].run = own ?? (runs[index].folder.isEmpty ? root.lastComponent : runs[index].folder)
    }
    // `name/version_0` is `name` where there is no `version_1`.
    for index in numbered where runs[index].name == nil && runs[index].kind != .mlflow {
      let experiment = runs[index].experiment
      if versions[experiment] == 1, !experiment.isEmpty { runs[index].run = experiment }
    }
    // Names that are folders are in order.
    if runs.indices.dropFirst().allSatisfy({ runs[$0 - 1].run < runs[$0].run }) { return }
    var seen: Set<String> = []
    seen.reserveCapacity(runs.count)
    if runs.allSatisfy({ seen.insert($0.run).inserted }) { return }
    var counts = Dictionary(grouping: runs.indices) { runs[$0].run }.filter { $1.count > 1 }
    for (_, twins) in counts {
      for index in twins {
        let run = runs[index]
        runs[index].run = run.id.map { "\(run.run)@\($0)" } ?? (run.folder.isEmpty ? root.lastComponent : run.folder)
      }
    }
    // Two logs of one folder, or two parts of one run.
    counts = Dictionary(grouping: runs.indices) { runs[$0].run }.filter { $1.count > 1 }
    for (_, twins) in counts {
      var ofKind: [RunKind: Int] = [:]
      for index in twins {
        let kind = runs[index].kind
        let place = ofKind[kind, default: 0] + 1
        ofKind[kind] = place
        runs[index].run += "@" + kind.rawValue + (place > 1 ? String(place) : "")
      }
    }
  }
}
