import Base
import Foundation
import GRDB

extension Workspace {
  /// Removes every object to which no version, no history entry and no cache refers.
  ///
  /// Objects that an entry of a living shell uses stay: see `ObjectClaims`.
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
    let abandoned = objects.removeAbandoned(before: try oldestUnclaimed() ?? Date().timeIntervalSince1970) {
      $0 == session || SessionLease.isHeld($0, in: root) == true
    }
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
    try claims.removing { claimed in
      // What was claimed is read first: an entry that ends in the meantime has recorded its objects by now.
      let needed = Self.needed
      let reachable = try write { db in
        try db.execute(sql: "DELETE FROM object WHERE digest NOT IN (\(needed))")
        return try String.fetchSet(db, sql: needed)
      }
      let oldest = try oldestUnclaimed()
      var removed = (count: 0, bytes: 0)
      for digest in objects.all() where !reachable.contains(digest) && !claimed.contains(digest) {
        if let oldest, objects.lastUse(digest) >= oldest { continue }
        guard objects.contains(digest) else { continue }
        removed.bytes += objects.byteCount(digest)
        objects.remove(digest)
        removed.count += 1
      }
      return removed
    }
  }

  /// When the oldest running entry began whose shell claims nothing: one of an older vcsh, or one that could not take its
  /// lock. Then nothing but the clock tells what it uses.
  private func oldestUnclaimed() throws -> Double? {
    let running = try read { db in
      try Row.fetchAll(db, sql: "SELECT session, started FROM entry WHERE status = 'running'")
    }
    return try running.filter { row in
      let session: String = try row.value("session")
      return session != self.session && !SessionLease.claimsAreKnown(session, in: root)
    }.map { try $0.value("started") as Double }.min()
  }

  /// Objects to which something refers.
  static let needed = """
    SELECT digest FROM version_object UNION SELECT digest FROM cache
    UNION SELECT result FROM entry WHERE result IS NOT NULL
    UNION SELECT digest FROM variable WHERE digest IS NOT NULL
    """

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
