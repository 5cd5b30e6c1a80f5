import Base
import Foundation
import GRDB

/// One command line of a session, as the history keeps it.
public struct EntryRecord: Sendable, Equatable {
  public enum Status: String, Sendable { case running, ok, failed, interrupted }

  public var id: Int64
  public var session: String
  public var source: String
  /// Where it came from: `prompt`, `recipes/refit.vc:12`.
  public var origin: String
  public var started: Date
  public var seconds: Double?
  public var status: Status
  public var error: String?
  /// Digest of the stored result.
  public var result: String?
}

extension Workspace {
  /// Records an entry before it runs.
  public func begin(source: String, origin: String) throws -> Int64 {
    try write { db in
      try db.execute(
        sql: "INSERT INTO entry (session, source, origin, started, status, process) VALUES (?, ?, ?, ?, 'running', ?)",
        arguments: [session, source, origin, Date().timeIntervalSince1970, ProcessIdentity.current.encoded])
      return db.lastInsertedRowID
    }
  }

  /// Closes an entry, together with the changes of its last command: both are there or neither.
  ///
  /// - Parameter result: the digest of what it yielded, if that was kept.
  public func finish(
    _ entry: Int64, status: EntryRecord.Status, seconds: Double, error: String?, result: String?,
    changes: Changes = Changes()
  ) throws {
    try write { db in
      try apply(changes, entry: entry, in: db)
      if let result { try Self.record(object: result, bytes: objects.byteCount(result), in: db) }
      try db.execute(
        sql: "UPDATE entry SET status = ?, seconds = ?, error = ?, result = ? WHERE id = ?",
        arguments: [status.rawValue, seconds, error, result, entry])
    }
  }

  /// The last `limit` entries, oldest first.
  public func history(limit: Int) throws -> [EntryRecord] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM entry ORDER BY id DESC LIMIT ?", arguments: [limit]).map(Self.entry)
        .reversed()
    }
  }

  public func entry(_ id: Int64) throws -> EntryRecord {
    let row = try read { db in try Row.fetchOne(db, sql: "SELECT * FROM entry WHERE id = ?", arguments: [id]) }
    guard let row else {
      throw Failure(.missing, "no entry \(id)", hint: "`history` lists them")
    }
    return Self.entry(row)
  }

  /// The stored result of an entry.
  public func result(of id: Int64) throws -> Value {
    let entry = try entry(id)
    guard let digest = entry.result else {
      throw Failure(.missing, "entry \(id) kept no result (`\(entry.source.prefix(60))`, \(entry.status.rawValue))")
    }
    return try value(digest)
  }

  /// Command lines for the line editor: older sessions first, then this one; repeated lines once.
  public func historyLines(limit: Int) throws -> [String] {
    let rows = try read { db in
      try Row.fetchAll(
        db, sql: "SELECT source, session FROM entry WHERE origin = 'prompt' ORDER BY id DESC LIMIT ?",
        arguments: [limit])
    }
    var seen: Set<String> = []
    return rows.compactMap { row in
      let source: String = row["source"]
      return seen.insert(source).inserted ? source : nil
    }.reversed()
  }

  /// Entries still marked running whose process is gone were interrupted.
  func markInterruptedEntries() throws {
    let running = try read { db in try Row.fetchAll(db, sql: "SELECT id, process FROM entry WHERE status = 'running'") }
    let orphans = running.filter { row in
      let process: String = row["process"]
      return ProcessIdentity(encoded: process)?.mayBeAlive != true
    }
    guard !orphans.isEmpty else { return }
    try write { db in
      for row in orphans {
        let id: Int64 = row["id"]
        try db.execute(
          sql:
            "UPDATE entry SET status = 'interrupted', error = 'the process ended while it ran' WHERE id = ? AND status = 'running'",
          arguments: [id])
      }
    }
  }

  private static func entry(_ row: Row) -> EntryRecord {
    EntryRecord(
      id: row["id"], session: row["session"], source: row["source"], origin: row["origin"],
      started: Date(timeIntervalSince1970: row["started"]), seconds: row["seconds"],
      status: EntryRecord.Status(rawValue: row["status"]) ?? .failed, error: row["error"], result: row["result"])
  }
}
