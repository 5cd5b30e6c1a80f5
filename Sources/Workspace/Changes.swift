import Base
import Foundation
import GRDB

/// The changes of one command: collected while it runs, written in one transaction when it is done.
public struct Changes: Sendable {
  /// A version to be made, and the name that will point to it.
  public struct NewVersion: Sendable {
    /// What the name may point to when the change is written: another shell may have changed it by then.
    public enum Replacing: Sendable, Equatable {
      case nothing
      case anything
      case version(Int64)
    }

    public var payload: any Payload
    public var name: String?
    public var parent: Int64?
    public var replacing: Replacing

    public init(_ payload: any Payload, name: String?, parent: Int64? = nil, replacing: Replacing = .nothing) {
      self.payload = payload
      self.name = name
      self.parent = parent
      self.replacing = replacing
    }
  }

  /// Something that an entry read.
  public struct Input: Sendable, Equatable {
    public var role: String
    public var version: Int64?
    public var detail: String

    public init(role: String, version: Int64?, detail: String) {
      self.role = role
      self.version = version
      self.detail = detail
    }
  }

  /// Scores of cells under one metric.
  public struct Metric: Sendable {
    public var version: Int64?
    public var session: String
    public var stimulus: String
    public var split: String
    public var head: Int?
    /// Other things that the score depends on: null model, calibration.
    public var variant: String
    public var metric: String
    public var metricVersion: Int
    public var cells: [(cid: Int, value: Double?, reason: String?)]

    public init(
      version: Int64?, session: String, stimulus: String, split: String, head: Int?, variant: String, metric: String,
      metricVersion: Int,
      cells: [(cid: Int, value: Double?, reason: String?)]
    ) {
      self.version = version
      self.session = session
      self.stimulus = stimulus
      self.split = split
      self.head = head
      self.variant = variant
      self.metric = metric
      self.metricVersion = metricVersion
      self.cells = cells
    }
  }

  public var versions: [NewVersion] = []
  public var inputs: [Input] = []
  public var metrics: [Metric] = []
  public var cached: [CacheRecord] = []
  /// Cached answers that were read.
  public var used: [String] = []
  public var dropped: [String] = []
  public var renamed: [(from: String, to: String)] = []
  /// Files that the command wrote outside the object store.
  public var written: [WrittenFile] = []
  /// Steps that are undone or redone.
  public var travels: [Travel] = []
  public var snapshots: [SnapshotChange] = []
  /// Variables and definitions that are set or taken away.
  public var names = NameChanges()
  /// Versions that this entry has made and replaced while it runs; see `Workspace.withdraw`.
  public var withdrawn: [Int64] = []

  public init() {}

  public var isEmpty: Bool {
    versions.isEmpty && inputs.isEmpty && metrics.isEmpty && cached.isEmpty && used.isEmpty && dropped.isEmpty
      && renamed.isEmpty && written.isEmpty && travels.isEmpty && snapshots.isEmpty && names.isEmpty
      && withdrawn.isEmpty
  }

  /// Whether they are only notes of what was read, or what can be computed again: a command that looks has no others.
  public var keepNothing: Bool {
    var kept = self
    (kept.inputs, kept.used, kept.cached) = ([], [], [])
    return kept.isEmpty
  }

  /// Lets the names of new versions stand for what they stood for before.
  public mutating func replaceNames() {
    for index in versions.indices where versions[index].replacing == .nothing { versions[index].replacing = .anything }
  }
}

extension Workspace {
  /// Writes a command's changes, all or nothing.
  /// - Returns: ids of the versions made, in order.
  @discardableResult
  public func commit(_ changes: Changes, entry: Int64) throws -> [Int64] {
    guard !changes.isEmpty else { return [] }
    let replaced = try objects(of: changes.withdrawn)
    let made = try write { db in try apply(changes, entry: entry, in: db) }
    try removeUnneeded(replaced, besides: entry)
    return made
  }

  /// Writes a command's changes within a transaction.
  @discardableResult
  func apply(_ changes: Changes, entry: Int64, in db: Database) throws -> [Int64] {
    let now = Date().timeIntervalSince1970
    var made: [Int64] = []
    var log = MoveLog(entry: entry, session: session)
    for new in changes.versions {
      try db.execute(
        sql: "INSERT INTO version (kind, label, entry, parent, created, payload) VALUES (?, ?, ?, ?, ?, ?)",
        arguments: [new.payload.kind.rawValue, new.name ?? "", entry, new.parent, now, try new.payload.encoded()])
      let id = db.lastInsertedRowID
      made.append(id)
      for digest in new.payload.objects {
        guard objects.contains(digest) else {
          throw Failure(.system, "object \(digest.prefix(12)) was removed from the workspace before it was recorded")
        }
        try Self.record(object: digest, bytes: objects.byteCount(digest), in: db)
        try db.execute(sql: "INSERT OR IGNORE INTO version_object VALUES (?, ?)", arguments: [id, digest])
      }
      if let name = new.name {
        try Self.checkFree(name, for: new.replacing, in: db)
        try log.point(Pointer(.name, name), to: id, in: db)
      }
      if let payload = new.payload as? CalibrationPayload {
        try log.point(Pointer(.calibration, payload.key), to: id, in: db)
      }
    }
    for name in changes.dropped { try log.point(Pointer(.name, name), to: nil, in: db) }
    for (from, to) in changes.renamed {
      try Self.checkFree(to, for: .nothing, in: db)
      guard let version = try Pointer(.name, from).version(in: db) else { continue }
      try log.point(Pointer(.name, from), to: nil, in: db)
      try log.point(Pointer(.name, to), to: version, in: db)
    }
    for travel in changes.travels { try log.take(travel, in: db) }
    for change in changes.snapshots { try Self.apply(change, entry: entry, at: now, in: db) }
    try apply(changes.names, entry: entry, in: db)
    for file in changes.written {
      try db.execute(
        sql: "INSERT INTO written VALUES (?, ?, ?, ?)", arguments: [entry, file.path, file.byteCount, file.digest])
    }
    try log.close(in: db)
    for version in changes.withdrawn { try Self.withdraw(version, madeBy: entry, in: db) }
    for input in changes.inputs { try Self.record(input, of: entry, in: db) }
    for metric in changes.metrics {
      for cell in metric.cells {
        try db.execute(
          sql: "INSERT INTO metric VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          arguments: [
            entry, metric.version, metric.session, metric.stimulus, metric.split, metric.head, metric.variant,
            cell.cid, metric.metric,
            metric.metricVersion, cell.value, cell.reason,
          ])
      }
    }
    // A cached block that is gone is computed again; nothing is lost with it.
    for record in changes.cached where objects.contains(record.digest) {
      try Self.record(object: record.digest, bytes: objects.byteCount(record.digest), in: db)
      try Self.insert(record, at: now, in: db)
    }
    for answer in changes.used {
      try db.execute(sql: "UPDATE cache SET used = ? WHERE answer = ?", arguments: [now, answer])
    }
    return made
  }

  private static func checkFree(
    _ name: String, for replacing: Changes.NewVersion.Replacing, in db: Database
  ) throws {
    let current = try Int64.fetchOne(db, sql: "SELECT version FROM name WHERE name = ?", arguments: [name])
    let isFree =
      switch replacing {
      case .nothing: current == nil
      case .anything: true
      case .version(let expected): current == expected
      }
    guard isFree else {
      throw Failure(
        .conflict, "another shell has changed `\(name)` in the meantime; nothing was kept",
        hint: "run the command again")
    }
  }
}
