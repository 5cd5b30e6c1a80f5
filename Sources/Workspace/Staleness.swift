import Base

/// Finds results that are out of date (stale): an input was made again since, or a file has changed.
///
/// A result is up to date while each version that it was made from has its name still, was replaced by one with the
/// same content (as when a twin is frozen), or was dropped.
public final class Staleness {
  public struct Item: Sendable, Equatable {
    /// The name; a path for a file that a command wrote.
    public var name: String
    /// As `KindName`, or `file`.
    public var kind: String
    public var version: Int64?
    /// The entry that made it.
    public var entry: Int64
    public var reasons: [String]
  }

  /// An entry that has to run again, and what it makes.
  public struct Rerun: Sendable, Equatable {
    public var entry: Int64
    public var version: Int64?
    public var name: String
    public var reasons: [String]
    /// Entries that have to run before it.
    public var needs: [Int64]
  }

  private struct Verdict {
    var reasons: [String] = []
    /// Stale versions that have to be made again before this one.
    var upstream: [Int64] = []
  }

  private let workspace: Workspace
  private let problem: (FileReference) throws -> String?
  private var verdicts: [Int64: Verdict] = [:]
  private var knownSources: [Int64: [Int64]] = [:]
  private var knownOrigins: [Int64: Set<Int64>] = [:]

  /// - Parameter problem: says how a file has changed since it was opened; nil where it has not.
  public init(workspace: Workspace, problem: @escaping (FileReference) throws -> String?) {
    self.workspace = workspace
    self.problem = problem
  }

  /// All named objects and written files that are stale, by name, and the number of those that were checked.
  public func items() throws -> (stale: [Item], checked: Int) {
    var stale: [Item] = []
    let names = try workspace.names()
    for item in names {
      let verdict = try verdict(on: item.version.id)
      guard !verdict.reasons.isEmpty else { continue }
      stale.append(
        Item(
          name: item.name, kind: item.version.kind.rawValue, version: item.version.id, entry: item.version.entry,
          reasons: verdict.reasons))
    }
    let files = try workspace.writtenFiles()
    for (entry, file) in files {
      let verdict = try judge(try readBy(entry), of: nil)
      guard !verdict.reasons.isEmpty else { continue }
      stale.append(Item(name: file.path, kind: "file", version: nil, entry: entry, reasons: verdict.reasons))
    }
    return (stale, names.count + files.count)
  }

  /// The entries that have to run again for these items, in an order in which each comes after its inputs.
  public func reruns(for items: [Item]) throws -> [Rerun] {
    var order: [Rerun] = []
    var seen: Set<Int64> = []
    var visited: Set<Int64> = []
    func visit(_ version: Int64) throws {
      guard visited.insert(version).inserted else { return }
      let verdict = try verdict(on: version)
      for upstream in verdict.upstream { try visit(upstream) }
      let record = try workspace.version(version)
      guard seen.insert(record.entry).inserted else { return }
      let name = try workspace.name(of: version) ?? record.kind.rawValue
      order.append(
        Rerun(
          entry: record.entry, version: version, name: name, reasons: verdict.reasons,
          needs: try entries(verdict.upstream)))
    }
    for item in items {
      if let version = item.version {
        try visit(version)
      } else {
        let upstream = try judge(try readBy(item.entry), of: nil).upstream
        for version in upstream { try visit(version) }
        guard seen.insert(item.entry).inserted else { continue }
        order.append(
          Rerun(
            entry: item.entry, version: nil, name: item.name, reasons: item.reasons, needs: try entries(upstream)))
      }
    }
    return order
  }

  private func entries(_ versions: [Int64]) throws -> [Int64] { try versions.map { try workspace.version($0).entry } }

  private func verdict(on version: Int64) throws -> Verdict {
    if let known = verdicts[version] { return known }
    // From the oldest source to the newest, so that a long chain of versions needs no deep recursion.
    for source in try origins(of: version).sorted() where verdicts[source] == nil {
      // A damaged catalogue may have versions that were made from each other: this must not loop.
      verdicts[source] = Verdict()
      var verdict = try judge(try sources(of: source), of: source)
      if verdict.reasons.isEmpty {
        for file in try workspace.version(source).payload.files {
          if let problem = try problem(file) { verdict.reasons.append(problem) }
        }
      }
      verdicts[source] = verdict
    }
    return verdicts[version] ?? Verdict()
  }

  /// The version and everything that it was made from, directly or not.
  private func origins(of version: Int64) throws -> Set<Int64> {
    if let known = knownOrigins[version] { return known }
    var open = [version]
    var seen: Set<Int64> = [version]
    while let next = open.popLast() {
      for source in try sources(of: next) where seen.insert(source).inserted { open.append(source) }
    }
    return seen
  }

  private func judge(_ sources: [Int64], of version: Int64?) throws -> Verdict {
    var verdict = Verdict()
    for source in sources {
      switch try workspace.succession(of: source) {
      case .dropped: continue
      case .current:
        try take(source, into: &verdict)
      case .replaced(let name, let now):
        if let version, try now == version || isOfOneEntry(now, version) || descends(now, from: version) {
          // The newer version was made from this one: `freeze`, or a refit under the twin's own name. Or one entry made both, as
          // a training that goes on makes its best epoch beside its last one.
          let inner = try self.verdict(on: source)
          guard !inner.reasons.isEmpty else { continue }
          verdict.reasons += inner.reasons
          verdict.upstream.append(source)
        } else {
          let newer = try workspace.version(now)
          if newer.payload.content != (try workspace.version(source)).payload.content {
            let quoted = name.contains(" ") ? name : "`\(name)`"
            verdict.reasons.append("\(quoted) was made again by entry \(newer.entry)")
            if try !self.verdict(on: now).reasons.isEmpty { verdict.upstream.append(now) }
          } else {
            try take(now, into: &verdict)
          }
        }
      }
    }
    verdict.reasons = verdict.reasons.enumerated().filter { index, reason in
      verdict.reasons.firstIndex(of: reason) == index
    }.map(\.element)
    return verdict
  }

  private func take(_ source: Int64, into verdict: inout Verdict) throws {
    guard try !self.verdict(on: source).reasons.isEmpty else { return }
    let record = try workspace.version(source)
    let name = try workspace.name(of: source).map { "`\($0)`" } ?? "its \(record.kind.rawValue)"
    verdict.reasons.append("\(name) is stale")
    verdict.upstream.append(source)
  }

  /// The versions that a version was made from.
  private func sources(of version: Int64) throws -> [Int64] {
    if let known = knownSources[version] { return known }
    let record = try workspace.version(version)
    var found = try readBy(record.entry) + record.payload.sources
    if let parent = record.parent { found.append(parent) }
    var seen: Set<Int64> = []
    found = found.filter { $0 < version && seen.insert($0).inserted }
    knownSources[version] = found
    return found
  }

  /// The versions that an entry read, itself or through variables and results of earlier entries.
  private func readBy(_ entry: Int64) throws -> [Int64] {
    var versions: [Int64] = []
    var open = [entry]
    var seen: Set<Int64> = []
    while let next = open.popLast() {
      guard seen.insert(next).inserted else { continue }
      for input in try workspace.inputs(of: next) {
        if let version = input.version { versions.append(version) }
        if let earlier = input.earlierEntry { open.append(earlier) }
      }
    }
    return versions
  }

  private func isOfOneEntry(_ a: Int64, _ b: Int64) throws -> Bool {
    try workspace.version(a).entry == workspace.version(b).entry
  }

  private func descends(_ version: Int64, from ancestor: Int64) throws -> Bool {
    let origins = try origins(of: version)
    knownOrigins[version] = origins
    return origins.contains(ancestor)
  }
}

extension Changes.Input {
  /// The result of an earlier entry, read as `out N`, `$name` or `$_`.
  public static func entry(_ id: Int64, as name: String) -> Changes.Input {
    Changes.Input(role: "entry", version: nil, detail: "entry \(id) as \(name)")
  }
}

extension InputRecord {
  /// The earlier entry whose result was read.
  public var earlierEntry: Int64? {
    guard role == "entry" else { return nil }
    let words = detail.split(separator: " ")
    return words.count > 1 ? Int64(words[1]) : nil
  }
}
