import Base
import Foundation
import GRDB

/// What came into a workspace from another one.
public struct MergeReport: Sendable, Equatable {
  /// The name of the other workspace's folder.
  public var from: String
  public var entries = 0
  /// Entries of the other workspace that were here already.
  public var knownEntries = 0
  public var versions = 0
  public var scores = 0
  public var files = 0
  /// Names that came in, as they are called here.
  public var names: [String] = []
  /// Names that stand for something else here, with the name that each got: `fit -> fit-j02`.
  public var conflicts: [String] = []
  /// Names of content that has a name here already, with that name where it is another one: `fit -> fit-j01`.
  public var same: [String] = []
  /// Entries that still run there, and were left.
  public var running = 0

  public init(from: String) { self.from = from }
}

/// Puts the rows of another catalogue into this one's, once, in a transaction.
struct Merge {
  /// Changes what a payload names inside an object: numbers of versions and entries.
  typealias Rewriting = (any Payload, _ version: (Int64) -> Int64?, _ entry: (Int64) -> Int64?) throws -> any Payload

  let workspace: Workspace
  let extract: CatalogueExtract
  /// Appended to names that are taken.
  let suffix: String
  /// Where the files that entries wrote are kept here, by their path there.
  var files: [String: WrittenFile] = [:]
  let rewriting: Rewriting
  private(set) var report: MergeReport
  private var entryIDs: [Int64: Int64] = [:]
  private var versionIDs: [Int64: Int64] = [:]
  private var freshVersions: Set<Int64> = []

  init(
    _ extract: CatalogueExtract, into workspace: Workspace, suffix: String,
    rewriting: @escaping Rewriting = { payload, _, _ in payload }
  ) {
    (self.extract, self.workspace, self.suffix, self.rewriting) = (extract, workspace, suffix, rewriting)
    report = MergeReport(from: suffix)
    report.running = extract.runningCount
  }

  /// - Parameters:
  ///   - known: ids of entries here by their key; grows.
  ///   - kept: the names that earlier merges made beside taken ones; grows.
  ///   - log: takes the moves of names, so that they can be undone; nil: names are set without a trace.
  mutating func apply(
    in db: Database, known: inout [String: Int64], kept: inout NamesOfContent, log: inout MoveLog?
  ) throws {
    var fresh: Set<Int64> = []
    for entry in extract.entries {
      if let id = known[entry.key] {
        entryIDs[entry.id] = id
        continue
      }
      entryIDs[entry.id] = try insert(entry, in: db)
      known[entry.key] = entryIDs[entry.id]
      fresh.insert(entry.id)
    }
    report.entries = fresh.count
    report.knownEntries = extract.entries.count - fresh.count
    for version in extract.versions { try take(version, isFresh: fresh.contains(version.entry), in: db) }
    for input in extract.inputs where fresh.contains(input.entry) {
      guard let entry = entryIDs[input.entry] else { continue }
      try db.execute(
        sql: "INSERT INTO input (entry, role, version, detail) VALUES (?, ?, ?, ?)",
        arguments: [entry, input.role, input.version.flatMap { versionIDs[$0] }, input.detail])
    }
    let insertion = try db.cachedStatement(
      sql:
        "INSERT INTO metric (entry, version, \(CatalogueExtract.metricColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    for metric in extract.metrics where fresh.contains(metric.entry) {
      let ids: [DatabaseValue] = [
        (entryIDs[metric.entry] ?? 0).databaseValue,
        metric.version.flatMap { versionIDs[$0] }?.databaseValue ?? .null,
      ]
      try insertion.execute(arguments: StatementArguments(ids + metric.values))
      report.scores += 1
    }
    for (entry, file) in extract.written where fresh.contains(entry) {
      guard let id = entryIDs[entry] else { continue }
      let here = files[file.path] ?? WrittenFile(path: path(file.path), byteCount: file.byteCount, digest: file.digest)
      try db.execute(
        sql: "INSERT INTO written VALUES (?, ?, ?, ?)", arguments: [id, here.path, here.byteCount, here.digest])
      if files[file.path] != nil { report.files += 1 }
    }
    let undone = try Set(
      Int64.fetchAll(
        db,
        sql:
          "SELECT before FROM move WHERE space = 'name' AND before IS NOT NULL AND step IN (SELECT id FROM step WHERE kind = 'undo')"
      ))
    for (name, version) in extract.names {
      let isBack = try versionIDs[version].map { try undone.contains($0) && isUndone($0, in: db) } ?? false
      guard freshVersions.contains(version) || isBack else { continue }
      try point(name, to: version, in: db, &kept, &log)
    }
    for (key, version) in extract.calibrations where freshVersions.contains(version) {
      guard let id = versionIDs[version] else { continue }
      let pointer = Pointer(.calibration, key)
      if try pointer.version(in: db) == nil { try Self.move(pointer, to: id, in: db, &log) }
    }
  }

  // MARK: Rows

  private func path(_ path: String) -> String {
    workspace.stored(path: path.hasPrefix("/") ? path : path == "." ? extract.root : extract.root + "/" + path)
  }

  private func insert(_ entry: CatalogueExtract.Entry, in db: Database) throws -> Int64 {
    var result = entry.result
    if let digest = result {
      if workspace.objects.contains(digest) {
        try Workspace.record(object: digest, bytes: workspace.objects.byteCount(digest), in: db)
      } else {
        result = nil
      }
    }
    try db.execute(
      sql: """
        INSERT INTO entry (session, source, origin, started, seconds, status, error, result, process, folder)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        entry.session, entry.source, entry.origin, entry.started, entry.seconds, entry.status, entry.error, result,
        entry.process, entry.folder.map { path($0) },
      ])
    return db.lastInsertedRowID
  }

  /// Finds the same version here, or makes it.
  private mutating func take(_ version: CatalogueExtract.Version, isFresh: Bool, in db: Database) throws {
    guard let entry = entryIDs[version.entry] else { return }
    let moved = version.payload.moved(version: { versionIDs[$0] }, path: { path($0) })
    if !isFresh {
      let candidates = try Row.fetchAll(
        db, sql: "SELECT id, kind, payload FROM version WHERE entry = ? AND label = ? AND kind = ? ORDER BY id",
        arguments: [entry, version.label, version.payload.kind.rawValue])
      for row in candidates {
        let payload = try workspace.payloads.decode(kind: try row.value("kind"), try row.value("payload"))
        if payload.content == moved.content {
          versionIDs[version.id] = try row.value("id")
          return
        }
      }
    }
    let payload = try rewriting(moved, { versionIDs[$0] }, { entryIDs[$0] })
    try db.execute(
      sql: "INSERT INTO version (kind, label, entry, parent, created, payload) VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [
        payload.kind.rawValue, version.label, entry, version.parent.flatMap { versionIDs[$0] }, version.created,
        try payload.encoded(),
      ])
    let id = db.lastInsertedRowID
    for digest in payload.objects {
      guard workspace.objects.contains(digest) else {
        throw Failure(.missing, "\(extract.root): the object \(digest.prefix(12)) of `\(version.label)` is missing")
      }
      try Workspace.record(object: digest, bytes: workspace.objects.byteCount(digest), in: db)
      try db.execute(sql: "INSERT OR IGNORE INTO version_object VALUES (?, ?)", arguments: [id, digest])
    }
    versionIDs[version.id] = id
    freshVersions.insert(version.id)
    report.versions += 1
  }

  // MARK: Names

  /// Whether a version that is here has no name, and it was an `undo` that took its last one.
  private func isUndone(_ id: Int64, in db: Database) throws -> Bool {
    guard try Int64.fetchOne(db, sql: "SELECT version FROM name WHERE version = ?", arguments: [id]) == nil else {
      return false
    }
    let kind = try String.fetchOne(
      db,
      sql: """
        SELECT step.kind FROM move JOIN step ON step.id = move.step
        WHERE move.space = 'name' AND (move.before = ?1 OR move.after = ?1) ORDER BY step.id DESC LIMIT 1
        """, arguments: [id])
    return kind == Travel.Kind.undo.rawValue
  }

  private mutating func point(
    _ name: String, to version: Int64, in db: Database, _ kept: inout NamesOfContent, _ log: inout MoveLog?
  ) throws {
    guard let id = versionIDs[version], let payload = extract.versions.first(where: { $0.id == version })?.payload
    else {
      return
    }
    let content = payload.moved(version: { versionIDs[$0] }, path: { path($0) }).content
    let own = Pointer(.name, name)
    guard let taken = try own.version(in: db) else {
      try Self.move(own, to: id, in: db, &log)
      report.names.append(name)
      return
    }
    let row = try Row.fetchOne(db, sql: "SELECT kind, payload FROM version WHERE id = ?", arguments: [taken])
    let other = try row.map { try workspace.payloads.decode(kind: try $0.value("kind"), try $0.value("payload")) }
    if other?.content == content {
      report.same.append(name)
      return
    }
    // Another job may have brought the same.
    if let known = try kept.name(of: content, beside: name, in: db, workspace.payloads) {
      report.same.append("\(name) -> \(known)")
      return
    }
    for candidate in ["\(name)-\(suffix)"] + (2..<1000).map({ "\(name)-\(suffix)-\($0)" }) {
      let pointer = Pointer(.name, candidate)
      guard try pointer.version(in: db) == nil else { continue }
      try Self.move(pointer, to: id, in: db, &log)
      kept.add(candidate, of: content, beside: name)
      report.names.append(candidate)
      report.conflicts.append("\(name) -> \(candidate)")
      return
    }
  }

  private static func move(_ pointer: Pointer, to id: Int64, in db: Database, _ log: inout MoveLog?) throws {
    if log == nil { try pointer.set(id, in: db) } else { try log?.point(pointer, to: id, in: db) }
  }
}
