import Base
import Foundation
import GRDB

extension Workspace {
  /// Removes every object to which no version, no history entry and no cache refers.
  ///
  /// Objects that were used after the oldest running entry began stay: that entry may need them.
  /// - Parameters:
  ///   - caches: remove the caches too; they are computed again when needed.
  ///   - dropped: remove the objects of versions too that no name, no snapshot, no undo and no redo can reach.
  ///   - undo: remove too what undo and redo could restore.
  /// - Returns: the number of removed objects, and their bytes.
  public func clean(caches: Bool, dropped: Bool = false, undo: Bool = false) throws -> (count: Int, bytes: Int) {
    try write { db in
      if caches { try db.execute(sql: "DELETE FROM cache") }
      if undo { try db.execute(sql: "UPDATE step SET state = 'forgotten' WHERE kind = 'change'") }
      if dropped || undo {
        try db.execute(
          sql: """
            DELETE FROM version_object WHERE version NOT IN (
              \(Self.pointed) UNION \(Self.travelled) UNION SELECT version FROM snapshot_pointer)
            """)
      }
    }
    let removed = try sweep()
    let oldestRunning = try read { db in try Self.oldestRunning(db) }
    let abandoned = objects.removeAbandoned(before: oldestRunning ?? Date().timeIntervalSince1970)
    restoreReserve()
    return (removed.count + abandoned.count, removed.bytes + abandoned.bytes)
  }

  /// Removes cached answers, and the objects to which nothing refers any more.
  ///
  /// - Parameter answers: see `CachedAnswer.answer`.
  /// - Returns: the number of removed objects, and their bytes.
  public func forget(answers: [String]) throws -> (count: Int, bytes: Int) {
    try write { db in
      for answer in answers { try db.execute(sql: "DELETE FROM cache WHERE answer = ?", arguments: [answer]) }
    }
    defer { restoreReserve() }
    return try sweep()
  }

  /// Removes objects to which nothing refers, also blocks that were replaced by larger ones.
  private func sweep() throws -> (count: Int, bytes: Int) {
    let needed = Self.needed
    let (reachable, oldestRunning) = try write { db in
      try db.execute(sql: "DELETE FROM object WHERE digest NOT IN (\(needed))")
      return (try String.fetchSet(db, sql: needed), try Self.oldestRunning(db))
    }
    var removed = (count: 0, bytes: 0)
    for digest in objects.all() where !reachable.contains(digest) {
      if let oldestRunning, objects.lastUse(digest) >= oldestRunning { continue }
      guard objects.contains(digest) else { continue }
      removed.bytes += objects.byteCount(digest)
      objects.remove(digest)
      removed.count += 1
    }
    return removed
  }

  /// Objects to which something refers.
  static let needed = """
    SELECT digest FROM version_object UNION SELECT digest FROM cache
    UNION SELECT result FROM entry WHERE result IS NOT NULL
    UNION SELECT digest FROM variable WHERE digest IS NOT NULL
    """

  private static func oldestRunning(_ db: Database) throws -> Double? {
    try Double.fetchOne(db, sql: "SELECT MIN(started) FROM entry WHERE status = 'running'")
  }

  /// Versions that a name or a calibration in force points to.
  private static let pointed = "SELECT version FROM name UNION SELECT version FROM calibration"

  /// Versions that undo or redo may point to again.
  private static let travelled = """
    SELECT before FROM move JOIN step ON step.id = move.step
      WHERE kind = 'change' AND state IN ('done', 'undone') AND before IS NOT NULL
    UNION SELECT after FROM move JOIN step ON step.id = move.step
      WHERE kind = 'change' AND state IN ('done', 'undone') AND after IS NOT NULL
    """

  /// Versions that are kept although no name points to them.
  public struct Kept: Sendable, Equatable {
    public var versions: Int
    /// Bytes of the objects that only these versions need.
    public var bytes: Int
  }

  /// The versions that are kept for undo and redo, and those for snapshots. A version may be in both.
  public func kept() throws -> (undo: Kept, snapshots: Kept) {
    try read { db in
      func kept(_ versions: String) throws -> Kept {
        let only = "SELECT * FROM (\(versions)) EXCEPT SELECT * FROM (\(Self.pointed))"
        let bytes = try Int.fetchOne(
          db,
          sql: """
            SELECT SUM(bytes) FROM object WHERE digest IN (SELECT digest FROM version_object WHERE version IN (\(only)))
              AND digest NOT IN (SELECT digest FROM version_object WHERE version IN (\(Self.pointed)))
              AND digest NOT IN (SELECT digest FROM cache)
              AND digest NOT IN (SELECT result FROM entry WHERE result IS NOT NULL)
              AND digest NOT IN (SELECT digest FROM variable WHERE digest IS NOT NULL)
            """)
        return Kept(versions: try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM (\(only))") ?? 0, bytes: bytes ?? 0)
      }
      return (try kept(Self.travelled), try kept("SELECT version FROM snapshot_pointer"))
    }
  }

  /// Makes the reserve file again after it was used up.
  func restoreReserve() {
    let path = root + "/reserve"
    guard !FileManager.default.fileExists(atPath: path) else { return }
    // On a disk that is still full the room is needed for what comes next.
    let free = (try? FileManager.default.attributesOfFileSystem(forPath: root))?[.systemFreeSize] as? Int ?? 0
    guard free > 4 * Self.reserveBytes else { return }
    try? Data(count: Self.reserveBytes).write(to: URL(filePath: path))
  }
}
