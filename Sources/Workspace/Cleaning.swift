import Base
import Foundation
import GRDB

extension Workspace {
  /// Removes every object that no version, no history entry and no cache refers to.
  ///
  /// Objects younger than the oldest running entry stay: its commit may still name them.
  /// - Parameters:
  ///   - caches: forget the caches first; they are made again when needed.
  ///   - dropped: forget what versions hold that no name points to any more.
  /// - Returns: how many objects went, and their bytes.
  public func clean(caches: Bool, dropped: Bool = false) throws -> (count: Int, bytes: Int) {
    try write { db in
      if caches { try db.execute(sql: "DELETE FROM cache") }
      if dropped { try db.execute(sql: "DELETE FROM version_object WHERE version NOT IN (SELECT version FROM name)") }
    }
    let removed = try sweep()
    let oldestRunning = try read { db in try Self.oldestRunning(db) }
    let abandoned = objects.removeAbandoned(before: oldestRunning ?? Date().timeIntervalSince1970)
    restoreReserve()
    return (removed.count + abandoned.count, removed.bytes + abandoned.bytes)
  }

  /// Forgets cached answers and removes what nothing refers to then.
  ///
  /// - Parameter answers: see `CachedAnswer.answer`.
  /// - Returns: how many objects went, and their bytes.
  public func forget(answers: [String]) throws -> (count: Int, bytes: Int) {
    try write { db in
      for answer in answers { try db.execute(sql: "DELETE FROM cache WHERE answer = ?", arguments: [answer]) }
    }
    defer { restoreReserve() }
    return try sweep()
  }

  /// Removes objects that nothing refers to, blocks that larger ones replaced among them.
  private func sweep() throws -> (count: Int, bytes: Int) {
    let needed = """
      SELECT digest FROM version_object UNION SELECT digest FROM cache
      UNION SELECT result FROM entry WHERE result IS NOT NULL
      """
    let (reachable, oldestRunning) = try write { db in
      try db.execute(sql: "DELETE FROM object WHERE digest NOT IN (\(needed))")
      return (try String.fetchSet(db, sql: needed), try Self.oldestRunning(db))
    }
    var removed = (count: 0, bytes: 0)
    for digest in objects.all() where !reachable.contains(digest) {
      if let oldestRunning, objects.modified(digest) >= oldestRunning { continue }
      guard objects.contains(digest) else { continue }
      removed.bytes += objects.byteCount(digest)
      objects.remove(digest)
      removed.count += 1
    }
    return removed
  }

  private static func oldestRunning(_ db: Database) throws -> Double? {
    try Double.fetchOne(db, sql: "SELECT MIN(started) FROM entry WHERE status = 'running'")
  }

  /// Makes the reserve anew where it was given back.
  private func restoreReserve() {
    let path = root + "/reserve"
    guard !FileManager.default.fileExists(atPath: path) else { return }
    // On a disk that is still full the room is needed for what comes next.
    let free = (try? FileManager.default.attributesOfFileSystem(forPath: root))?[.systemFreeSize] as? Int ?? 0
    guard free > 4 * Self.reserveBytes else { return }
    try? Data(count: Self.reserveBytes).write(to: URL(filePath: path))
  }
}
