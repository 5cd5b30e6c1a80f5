import Base
import Foundation
import GRDB

/// An immutable version of something in the workspace.
public struct VersionRecord: Sendable, Equatable {
  public var id: Int64
  public var entry: Int64
  public var parent: Int64?
  public var created: Date
  public var payload: any Payload

  public var kind: KindName { payload.kind }

  public static func == (a: VersionRecord, b: VersionRecord) -> Bool {
    (a.id, a.entry, a.parent, a.created) == (b.id, b.entry, b.parent, b.created) && a.payload.equals(b.payload)
  }
}

/// A name and the version that it points to.
public struct NamedVersion: Sendable, Equatable {
  public var name: String
  public var version: VersionRecord
}

extension Workspace {
  /// All names, in alphabetical order.
  public func names(kinds: Set<KindName>? = nil) throws -> [NamedVersion] {
    try read { db in
      try Row.fetchAll(
        db, sql: "SELECT name.name, version.* FROM name JOIN version ON version.id = name.version ORDER BY name.name"
      ).map { NamedVersion(name: try $0.value("name"), version: try version($0)) }
    }.filter { kinds?.contains($0.version.kind) ?? true }
  }

  /// What `name` points to.
  public func lookup(_ name: String) throws -> VersionRecord? {
    try read { db in
      try Row.fetchOne(
        db, sql: "SELECT version.* FROM name JOIN version ON version.id = name.version WHERE name.name = ?",
        arguments: [name]
      ).map(version)
    }
  }

  public func version(_ id: Int64) throws -> VersionRecord {
    let row = try read { db in try Row.fetchOne(db, sql: "SELECT * FROM version WHERE id = ?", arguments: [id]) }
    guard let row else { throw Failure(.missing, "the catalogue has no version \(id)") }
    return try version(row)
  }

  /// The calibration in force for `key`: digest of weights, head and data.
  public func calibration(of key: String) throws -> (record: VersionRecord, payload: CalibrationPayload)? {
    let rows = try read { db in
      try Row.fetchAll(
        db,
        sql:
          "SELECT version.* FROM calibration JOIN version ON version.id = calibration.version WHERE calibration.key = ?",
        arguments: [key])
    }
    guard let record = try rows.first.map(version), let payload = record.payload as? CalibrationPayload else {
      return nil
    }
    return (record, payload)
  }

  /// A stored value by digest; its bytes are checked against their name.
  public func value(_ digest: String) throws -> Value {
    let data = try objects.data(digest)
    guard Digest.of(data) == digest else {
      throw ObjectStore.damaged(digest, objects.path(of: digest))
    }
    return try ValueCodec.decode(data)
  }

  func version(_ row: Row) throws -> VersionRecord {
    VersionRecord(
      id: try row.value("id"), entry: try row.value("entry"), parent: try row.optional("parent"),
      created: try row.date("created"),
      payload: try payloads.decode(kind: try row.value("kind"), try row.value("payload")))
  }

  static func record(object digest: String, bytes: Int, in db: Database) throws {
    try db.execute(
      sql: "INSERT OR IGNORE INTO object (digest, bytes, created) VALUES (?, ?, ?)",
      arguments: [digest, bytes, Date().timeIntervalSince1970])
  }
}
