import Base
import GRDB

extension Workspace {
  /// Takes away a version that the running entry has made and replaced by another one: the state of a training after an
  /// epoch, once the next one is kept. Its objects are then needed no more.
  ///
  /// A version to which something refers stays: a name, a snapshot, a score, an entry that read it.
  static func withdraw(_ version: Int64, madeBy entry: Int64, in db: Database) throws {
    let referring = [
      "SELECT version FROM name", "SELECT version FROM calibration", "SELECT version FROM snapshot_pointer",
      "SELECT before FROM move WHERE before IS NOT NULL", "SELECT after FROM move WHERE after IS NOT NULL",
      "SELECT version FROM input WHERE version IS NOT NULL", "SELECT version FROM metric WHERE version IS NOT NULL",
      "SELECT parent FROM version WHERE parent IS NOT NULL",
    ].joined(separator: " UNION ")
    let isUnused =
      try Bool.fetchOne(
        db, sql: "SELECT EXISTS (SELECT 1 FROM version WHERE id = ? AND entry = ?) AND ? NOT IN (\(referring))",
        arguments: [version, entry, version]) ?? false
    guard isUnused else { return }
    try db.execute(sql: "DELETE FROM version_object WHERE version = ?", arguments: [version])
    try db.execute(sql: "DELETE FROM version WHERE id = ?", arguments: [version])
  }

  /// Objects that these versions need.
  func objects(of versions: [Int64]) throws -> [String] {
    guard !versions.isEmpty else { return [] }
    return try read { db in
      try versions.flatMap {
        try String.fetchAll(db, sql: "SELECT digest FROM version_object WHERE version = ?", arguments: [$0])
      }
    }
  }

  /// Removes those of the objects to which nothing refers any more, unless another entry runs that may read them: then
  /// `clean` removes them later.
  func removeUnneeded(_ digests: [String], besides entry: Int64) throws {
    guard !digests.isEmpty else { return }
    try claims.removing(ofOthers: true) { claimed in
      let unneeded = try write { db -> [String] in
        let others = "SELECT EXISTS (SELECT 1 FROM entry WHERE status = 'running' AND id <> ?)"
        guard try Bool.fetchOne(db, sql: others, arguments: [entry]) == false else { return [] }
        let needed = try String.fetchSet(db, sql: Self.needed)
        let unneeded = digests.filter { !needed.contains($0) && !claimed.contains($0) }
        for digest in unneeded { try db.execute(sql: "DELETE FROM object WHERE digest = ?", arguments: [digest]) }
        return unneeded
      }
      for digest in unneeded { objects.remove(digest) }
    }
  }
}
