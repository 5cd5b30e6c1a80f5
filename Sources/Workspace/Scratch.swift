import Base
import Foundation
import GRDB

extension Workspace {
  /// A copy of the catalogue as it was before `entry`, in its own folder. Changes there do not change this workspace.
  ///
  /// Names, snapshots and undo steps are as they were, and caches are empty. The copy reads objects from this workspace
  /// and writes them to its own store. Its next entry has the number `entry`.
  public func scratch(at root: String, before entry: Int64) throws -> Workspace {
    do {
      try FileManager.default.createDirectory(atPath: root + "/objects", withIntermediateDirectories: true)
      let copy = try DatabaseQueue(path: root + "/" + Self.catalogueName)
      try database.backup(to: copy)
      try copy.close()
    } catch {
      throw ObjectStore.explain(error, path: root)
    }
    let scratch = try Workspace(root: root, payloads: payloads, isNew: false, scratchOf: self)
    try scratch.write { try Self.rewind($0, before: entry) }
    return scratch
  }

  /// Sets the number of the next entry, in a scratch workspace.
  public func setNextEntry(_ id: Int64) throws {
    try write { db in
      try db.execute(sql: "UPDATE sqlite_sequence SET seq = ? WHERE name = 'entry'", arguments: [id - 1])
    }
  }

  private static func rewind(_ db: Database, before entry: Int64) throws {
    let later = try Row.fetchAll(
      db, sql: "SELECT id, kind FROM step WHERE entry >= ? ORDER BY id DESC", arguments: [entry])
    for row in later {
      let step: Int64 = try row.value("id")
      let kind: String = try row.value("kind")
      for move in try moves(of: step, in: db) { try move.pointer.set(move.before, in: db) }
      guard kind != "change" else { continue }
      try db.execute(
        sql: "UPDATE step SET state = ?, undone_by = NULL WHERE id IN (SELECT target FROM travel WHERE step = ?)",
        arguments: [kind == "undo" ? "done" : "undone", step])
    }
    // A step that is undone by then was undone by an entry before: the last that says so.
    try db.execute(
      sql: """
        UPDATE step SET undone_by = (
          SELECT MAX(undo.entry) FROM travel JOIN step AS undo ON undo.id = travel.step
          WHERE travel.target = step.id AND undo.kind = 'undo' AND undo.entry < ?)
        WHERE state = 'undone'
        """, arguments: [entry])
    let steps = "SELECT id FROM step WHERE entry >= ?"
    for sql in [
      "DELETE FROM variable WHERE entry >= ?", "DELETE FROM definition WHERE entry >= ?",
      "DELETE FROM travel WHERE step IN (\(steps))", "DELETE FROM move WHERE step IN (\(steps))",
      "DELETE FROM step WHERE entry >= ?",
      "DELETE FROM snapshot_pointer WHERE snapshot IN (SELECT name FROM snapshot WHERE entry >= ?)",
      "DELETE FROM snapshot WHERE entry >= ?", "DELETE FROM written WHERE entry >= ?",
      "DELETE FROM input WHERE entry >= ?", "DELETE FROM metric WHERE entry >= ?",
      "DELETE FROM version_object WHERE version IN (SELECT id FROM version WHERE entry >= ?)",
      "DELETE FROM input WHERE version IN (SELECT id FROM version WHERE entry >= ?)",
      "DELETE FROM metric WHERE version IN (SELECT id FROM version WHERE entry >= ?)",
      "UPDATE version SET parent = NULL WHERE entry >= ?",
      // In workspaces older than the log of moves, names may be left without a version.
      "DELETE FROM name WHERE version IN (SELECT id FROM version WHERE entry >= ?)",
      "DELETE FROM calibration WHERE version IN (SELECT id FROM version WHERE entry >= ?)",
      "DELETE FROM snapshot_pointer WHERE version IN (SELECT id FROM version WHERE entry >= ?)",
      "DELETE FROM version WHERE entry >= ?", "DELETE FROM entry WHERE id >= ?",
    ] {
      try db.execute(sql: sql, arguments: [entry])
    }
    try db.execute(sql: "DELETE FROM cache")
    try db.execute(sql: "UPDATE sqlite_sequence SET seq = ? WHERE name = 'entry'", arguments: [entry - 1])
  }
}
