import GRDB

/// A name, or the calibration that is in force for a twin on a stimulus. It points to a version and can be moved to
/// another.
public struct Pointer: Sendable, Hashable {
  public enum Space: String, Sendable { case name, calibration }

  public var space: Space
  /// The name; for a calibration, its key (see `CalibrationPayload.key`).
  public var name: String

  public init(_ space: Space, _ name: String) {
    self.space = space
    self.name = name
  }

  /// The version that it points to.
  func version(in db: Database) throws -> Int64? {
    switch space {
    case .name: try Int64.fetchOne(db, sql: "SELECT version FROM name WHERE name = ?", arguments: [name])
    case .calibration:
      try Int64.fetchOne(db, sql: "SELECT version FROM calibration WHERE key = ?", arguments: [name])
    }
  }

  func set(_ version: Int64?, in db: Database) throws {
    let (table, column) = space == .name ? ("name", "name") : ("calibration", "key")
    if let version {
      try db.execute(
        sql:
          "INSERT INTO \(table) (\(column), version) VALUES (?, ?) ON CONFLICT (\(column)) DO UPDATE SET version = excluded.version",
        arguments: [name, version])
    } else {
      try db.execute(sql: "DELETE FROM \(table) WHERE \(column) = ?", arguments: [name])
    }
  }

  init(_ row: Row) throws {
    guard let space = Space(rawValue: try row.value("space")) else {
      throw CatalogueDamage.failure("a pointer is neither a name nor a calibration")
    }
    self.init(space, try row.value("name"))
  }

  /// All pointers with their versions.
  static func all(in db: Database) throws -> [Pointer: Int64] {
    let rows = try Row.fetchAll(
      db,
      sql:
        "SELECT 'name' AS space, name, version FROM name UNION ALL SELECT 'calibration', key, version FROM calibration")
    return Dictionary(
      try rows.map { (try Pointer($0), try $0.value("version") as Int64) }, uniquingKeysWith: { first, _ in first })
  }
}

/// The versions of a pointer before and after a step; nil where it does not exist.
public struct PointerMove: Sendable, Equatable {
  public var pointer: Pointer
  public var before: Int64?
  public var after: Int64?

  public init(_ pointer: Pointer, before: Int64?, after: Int64?) {
    self.pointer = pointer
    self.before = before
    self.after = after
  }

  public var reversed: PointerMove { PointerMove(pointer, before: after, after: before) }
}
