import Base
import Foundation
import GRDB

/// A named state of the workspace.
public struct SnapshotRecord: Sendable, Equatable {
  public var name: String
  public var entry: Int64
  public var created: Date
  public var note: String?
  /// The number of names in it.
  public var names: Int
  /// Whether the workspace is still in that state.
  public var isCurrent: Bool
}

/// A change of a snapshot, made in a commit.
public enum SnapshotChange: Sendable, Equatable {
  /// Stores the state at the commit.
  case take(name: String, note: String?, replace: Bool)
  case delete(name: String)
}

extension Workspace {
  /// All snapshots, oldest first.
  public func snapshots() throws -> [SnapshotRecord] {
    try read { db in
      let current = try Pointer.all(in: db)
      return try Row.fetchAll(db, sql: "SELECT * FROM snapshot ORDER BY created, name").map { row in
        let name: String = try row.value("name")
        let pointers = try Self.pointers(of: name, in: db)
        return SnapshotRecord(
          name: name, entry: try row.value("entry"), created: try row.date("created"), note: try row.optional("note"),
          names: pointers.keys.count { $0.space == .name }, isCurrent: pointers == current)
      }
    }
  }

  /// The moves that restore a snapshot; none where the workspace is still in that state.
  public func planRestore(_ name: String) throws -> Travel {
    try read { db in
      guard try Bool.fetchOne(db, sql: "SELECT 1 FROM snapshot WHERE name = ?", arguments: [name]) != nil else {
        let names = try String.fetchAll(db, sql: "SELECT name FROM snapshot ORDER BY created")
        throw Failure(
          .missing, "no snapshot named `\(name)`",
          hint: Suggestion.hint(for: name, among: names)
            ?? (names.isEmpty ? "`snapshot \(name)` takes one" : "`snapshots` lists what there is"))
      }
      let wanted = try Self.pointers(of: name, in: db)
      let current = try Pointer.all(in: db)
      let pointers = Set(wanted.keys).union(current.keys).sorted {
        ($0.space == .name ? 0 : 1, $0.name) < ($1.space == .name ? 0 : 1, $1.name)
      }
      let moves = pointers.filter { wanted[$0] != current[$0] }.map {
        PointerMove($0, before: current[$0], after: wanted[$0])
      }
      return Travel(kind: .restore, step: nil, entry: nil, moves: moves)
    }
  }

  private static func pointers(of snapshot: String, in db: Database) throws -> [Pointer: Int64] {
    let rows = try Row.fetchAll(
      db, sql: "SELECT space, name, version FROM snapshot_pointer WHERE snapshot = ?", arguments: [snapshot])
    return Dictionary(
      try rows.map { (try Pointer($0), try $0.value("version") as Int64) }, uniquingKeysWith: { first, _ in first })
  }

  static func apply(_ change: SnapshotChange, entry: Int64, at now: Double, in db: Database) throws {
    switch change {
    case .delete(let name):
      try db.execute(sql: "DELETE FROM snapshot_pointer WHERE snapshot = ?", arguments: [name])
      try db.execute(sql: "DELETE FROM snapshot WHERE name = ?", arguments: [name])
    case .take(let name, let note, let replace):
      let isTaken = try Bool.fetchOne(db, sql: "SELECT 1 FROM snapshot WHERE name = ?", arguments: [name]) != nil
      guard !isTaken || replace else {
        throw Failure(
          .conflict, "there is a snapshot `\(name)` already", hint: "choose another name, or add --replace")
      }
      if isTaken { try apply(.delete(name: name), entry: entry, at: now, in: db) }
      try db.execute(
        sql: "INSERT INTO snapshot (name, entry, created, note) VALUES (?, ?, ?, ?)",
        arguments: [name, entry, now, note])
      try db.execute(
        sql: """
          INSERT INTO snapshot_pointer (snapshot, space, name, version)
            SELECT ?, 'name', name, version FROM name UNION ALL SELECT ?, 'calibration', key, version FROM calibration
          """, arguments: [name, name])
    }
  }
}
