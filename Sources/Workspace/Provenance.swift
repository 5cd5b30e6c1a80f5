import Base
import Foundation
import GRDB

/// An input of an entry, as it was recorded.
public struct InputRecord: Sendable, Equatable {
  public var role: String
  public var version: Int64?
  public var detail: String
}

/// Metrics that an entry stored.
public struct MetricRecord: Sendable, Equatable {
  public var metric: String
  public var metricVersion: Int
  public var split: String
  public var cells: Int
}

/// What has become of a version's name.
public enum Succession: Sendable, Equatable {
  /// A name, or a calibration in force, still points to it.
  case current
  /// `name` now points to another version.
  case replaced(name: String, by: Int64)
  /// None of its names exists any more.
  case dropped
}

extension Workspace {
  public func inputs(of entry: Int64) throws -> [InputRecord] {
    try read { db in
      try Row.fetchAll(
        db,
        sql:
          "SELECT role, version, detail FROM input WHERE entry = ? GROUP BY role, version, detail ORDER BY MIN(rowid)",
        arguments: [entry]
      ).map {
        InputRecord(role: try $0.value("role"), version: try $0.optional("version"), detail: try $0.value("detail"))
      }
    }
  }

  public func metrics(of entry: Int64) throws -> [MetricRecord] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT metric, metric_version, split, COUNT(*) AS cells FROM metric WHERE entry = ?
          GROUP BY metric, metric_version, split ORDER BY MIN(rowid)
          """, arguments: [entry]
      ).map {
        MetricRecord(
          metric: try $0.value("metric"), metricVersion: try $0.value("metric_version"), split: try $0.value("split"),
          cells: try $0.value("cells"))
      }
    }
  }

  /// The versions that an entry made, in order.
  public func versions(madeBy entry: Int64) throws -> [(label: String, version: VersionRecord)] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM version WHERE entry = ? ORDER BY id", arguments: [entry]).map {
        (try $0.value("label"), try version($0))
      }
    }
  }

  /// What has become of a version's name. Where it had several, a name that still exists decides.
  public func succession(of version: Int64) throws -> Succession {
    try read { db in
      let current = try Bool.fetchOne(
        db,
        sql: "SELECT 1 WHERE ? IN (SELECT version FROM name UNION ALL SELECT version FROM calibration)",
        arguments: [version])
      if current != nil { return .current }
      // The label is for workspaces that are older than the log of moves.
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT space, name FROM move WHERE after = ?1 OR before = ?1 GROUP BY space, name
          UNION SELECT 'name', label FROM version WHERE id = ?1 AND label <> ''
          UNION SELECT 'calibration', json_extract(payload, '$.key') FROM version WHERE id = ?1 AND kind = 'calibration'
          """, arguments: [version])
      for row in rows {
        let pointer = try Pointer(row)
        guard let now = try pointer.version(in: db) else { continue }
        return .replaced(name: pointer.space == .name ? pointer.name : try Self.phrase(pointer, in: db), by: now)
      }
      return .dropped
    }
  }

  /// A name that points to the version now, else the name under which it was made.
  public func name(of version: Int64) throws -> String? {
    try read { db in
      try String.fetchOne(
        db,
        sql: """
          SELECT name FROM name WHERE version = ?1
          UNION ALL SELECT label FROM version WHERE id = ?1 AND label <> '' LIMIT 1
          """, arguments: [version])
    }
  }
}
