import Base
import Foundation
import GRDB

/// One command line of a session, as it is stored in the history.
public struct EntryRecord: Sendable, Equatable {
  public enum Status: String, Sendable { case running, ok, failed, interrupted }

  public var id: Int64
  public var session: String
  public var source: String
  /// Where it was written: `prompt`, `recipes/refit.vc:12`.
  public var origin: String
  public var started: Date
  public var seconds: Double?
  public var status: Status
  public var error: String?
  /// Digest of the stored result.
  public var result: String?
  /// The folder from which relative paths were taken.
  public var folder: String?
}

/// What an entry read and made, in short.
public struct EntryTraffic: Sendable, Equatable {
  /// Its inputs, as they were recorded.
  public var inputs: [String] = []
  /// Names that it changed; without changes that were undone.
  public var changed: [String] = []
  /// Files that it wrote.
  public var files: [String] = []

  public init(inputs: [String] = [], changed: [String] = [], files: [String] = []) {
    self.inputs = inputs
    self.changed = changed
    self.files = files
  }
}

/// A run of vcsh on the workspace, and its first and last entries.
public struct SessionRecord: Sendable, Equatable {
  public var id: String
  public var first: Int64
  public var last: Int64
}

extension Workspace {
  /// Records an entry before it runs.
  ///
  /// - Parameters:
  ///   - folder: from which relative paths are taken.
  ///   - inputs: inputs that are known before it runs: variables from earlier entries.
  public func begin(source: String, origin: String, folder: String? = nil, inputs: [Changes.Input] = []) throws -> Int64
  {
    let entry = try write { db in
      try db.execute(
        sql:
          "INSERT INTO entry (session, source, origin, started, status, process, folder) VALUES (?, ?, ?, ?, 'running', ?, ?)",
        arguments: [
          session, source, origin, Date().timeIntervalSince1970, ProcessIdentity.current.encoded,
          folder.map(stored(path:)),
        ])
      let entry = db.lastInsertedRowID
      for input in inputs { try Self.record(input, of: entry, in: db) }
      return entry
    }
    claims.begin(entry)
    return entry
  }

  static func record(_ input: Changes.Input, of entry: Int64, in db: Database) throws {
    try db.execute(
      sql: "INSERT INTO input (entry, role, version, detail) VALUES (?, ?, ?, ?)",
      arguments: [entry, input.role, input.version, input.detail])
  }

  /// Records the end of an entry and the changes of its last command: both or neither.
  ///
  /// - Parameter result: the digest of its result, if that was stored.
  public func finish(
    _ entry: Int64, status: EntryRecord.Status, seconds: Double, error: String?, result: String?,
    changes: Changes = Changes()
  ) throws {
    try write { db in
      try apply(changes, entry: entry, in: db)
      if let result {
        guard objects.contains(result) else {
          throw Failure(
            .system, "the result of entry \(entry) was removed from the workspace before it was recorded",
            hint: "run the command again")
        }
        try Self.record(object: result, bytes: objects.byteCount(result), in: db)
      }
      try db.execute(
        sql: "UPDATE entry SET status = ?, seconds = ?, error = ?, result = ? WHERE id = ?",
        arguments: [status.rawValue, seconds, error, result, entry])
    }
    claims.end(entry)
  }

  /// The last `limit` entries, oldest first.
  public func history(limit: Int) throws -> [EntryRecord] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM entry ORDER BY id DESC LIMIT ?", arguments: [limit]).map(Self.entry)
        .reversed()
    }
  }

  /// The last `limit` entries that match, oldest first.
  ///
  /// - Parameters:
  ///   - failed: only those that failed or were interrupted.
  ///   - words: only those whose text has all of these words, whatever their case.
  ///   - session: only those of one session.
  public func history(
    limit: Int, failed: Bool = false, words: [String] = [], session: String? = nil
  ) throws -> [EntryRecord] {
    var conditions: [String] = []
    var arguments: [any DatabaseValueConvertible] = []
    if failed { conditions.append("status IN ('failed', 'interrupted')") }
    for word in words {
      conditions.append("instr(lower(source), lower(?)) > 0")
      arguments.append(word)
    }
    if let session {
      conditions.append("session = ?")
      arguments.append(session)
    }
    let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    return try read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM entry \(filter) ORDER BY id DESC LIMIT ?",
        arguments: StatementArguments(arguments + [limit])
      ).map(Self.entry).reversed()
    }
  }

  /// Entries with numbers in a range, in order.
  public func entries(_ range: ClosedRange<Int64>) throws -> [EntryRecord] {
    try read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM entry WHERE id BETWEEN ? AND ? ORDER BY id",
        arguments: [range.lowerBound, range.upperBound]
      ).map(Self.entry)
    }
  }

  /// The session that recorded the last entry before this one.
  public func lastSession(before entry: Int64) throws -> String? {
    try read { db in
      try String.fetchOne(
        db, sql: "SELECT session FROM entry WHERE id < ? ORDER BY id DESC LIMIT 1", arguments: [entry])
    }
  }

  /// All sessions, the newest first.
  public func sessions() throws -> [SessionRecord] {
    try read { db in
      try Row.fetchAll(
        db, sql: "SELECT session, MIN(id) AS first, MAX(id) AS last FROM entry GROUP BY session ORDER BY last DESC"
      ).map { SessionRecord(id: try $0.value("session"), first: try $0.value("first"), last: try $0.value("last")) }
    }
  }

  /// What each of these entries read and changed.
  public func traffic(of entries: [Int64]) throws -> [Int64: EntryTraffic] {
    try read { db in
      try entries.reduce(into: [:]) { traffic, entry in
        traffic[entry] = EntryTraffic(
          inputs: try String.fetchAll(
            db, sql: "SELECT detail FROM input WHERE entry = ? GROUP BY detail ORDER BY MIN(rowid)", arguments: [entry]),
          changed: try String.fetchAll(
            db,
            sql: """
              SELECT name FROM move JOIN step ON step.id = move.step
              WHERE entry = ? AND space = 'name' AND state = 'done' ORDER BY name
              """, arguments: [entry]),
          files: try String.fetchAll(
            db, sql: "SELECT path FROM written WHERE entry = ? ORDER BY rowid", arguments: [entry]))
      }
    }
  }

  public func entry(_ id: Int64) throws -> EntryRecord {
    let row = try read { db in try Row.fetchOne(db, sql: "SELECT * FROM entry WHERE id = ?", arguments: [id]) }
    guard let row else {
      throw Failure(.missing, "no entry \(id)", hint: "`history` lists them")
    }
    return try Self.entry(row)
  }

  /// The stored result of an entry.
  public func result(of id: Int64) throws -> Value {
    let entry = try entry(id)
    guard let digest = entry.result else {
      throw Failure(
        .missing, "entry \(id) has no stored result (`\(entry.source.prefix(60))`, \(entry.status.rawValue))")
    }
    return try value(digest)
  }

  /// Command lines of all sessions for the line editor, oldest first, each text once.
  public func historyLines(limit: Int) throws -> [String] {
    let rows = try read { db in
      try Row.fetchAll(
        db, sql: "SELECT source, session FROM entry WHERE origin = 'prompt' ORDER BY id DESC LIMIT ?",
        arguments: [limit])
    }
    var seen: Set<String> = []
    return try rows.compactMap { row in
      let source: String = try row.value("source")
      return seen.insert(source).inserted ? source : nil
    }.reversed()
  }

  /// Whether the process of a session may live. Of a session without a lock, which an older vcsh has, its process's number
  /// tells on its own host; on another host it counts as ended.
  func mayBeAlive(_ session: String, _ process: ProcessIdentity?) -> Bool {
    if let isHeld = SessionLease.isHeld(session, in: root) { return isHeld }
    guard let process, process.isHere else { return false }
    return process.mayBeAlive
  }

  /// Marks entries as interrupted that are marked as running but whose process has ended.
  func markInterruptedEntries() throws {
    let running = try read { db in
      try Row.fetchAll(db, sql: "SELECT id, session, process FROM entry WHERE status = 'running'")
    }
    let orphans = try running.filter { row in
      let process: String = try row.value("process")
      return try !mayBeAlive(row.value("session"), ProcessIdentity(encoded: process))
    }
    guard !orphans.isEmpty else { return }
    try write { db in
      for row in orphans {
        let id: Int64 = try row.value("id")
        try db.execute(
          sql:
            "UPDATE entry SET status = 'interrupted', error = 'the process ended while it ran' WHERE id = ? AND status = 'running'",
          arguments: [id])
      }
    }
  }

  static func entry(_ row: Row) throws -> EntryRecord {
    guard let status = EntryRecord.Status(rawValue: try row.value("status")) else {
      throw CatalogueDamage.failure("an entry has a status that vcsh does not know")
    }
    return EntryRecord(
      id: try row.value("id"), session: try row.value("session"), source: try row.value("source"),
      origin: try row.value("origin"),
      started: try row.date("started"), seconds: try row.optional("seconds"),
      status: status, error: try row.optional("error"), result: try row.optional("result"),
      folder: try row.optional("folder"))
  }
}
