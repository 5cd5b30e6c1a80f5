import Base
import GRDB

/// Checksums of the catalogue's rows, in its table `seal`: a value that changed on the disk is found when the catalogue is
/// opened, whatever its type, and so are rows that are gone or that nobody wrote.
///
/// Rows with the same key share a sum. Triggers of each connection of vcsh keep the sums: they are no part of the file, so
/// that what another program changes is not sealed. A migration that changes a table calls `renew`.
package enum Seals {
  private struct SealedTable {
    let name: String
    /// The column whose values are the keys.
    let key: String
    /// What is not sealed.
    var without: Set<String> = []
  }

  private static let tables = [
    // A process's number is no answer, and another host's shell is told by its lock.
    SealedTable(name: "entry", key: "id", without: ["process"]),
    SealedTable(name: "version", key: "id"), SealedTable(name: "name", key: "name"),
    SealedTable(name: "object", key: "digest"), SealedTable(name: "version_object", key: "version"),
    SealedTable(name: "input", key: "entry"), SealedTable(name: "metric", key: "entry"),
    SealedTable(name: "cache", key: "answer"), SealedTable(name: "calibration", key: "key"),
    SealedTable(name: "step", key: "id"), SealedTable(name: "move", key: "step"),
    SealedTable(name: "travel", key: "step"), SealedTable(name: "snapshot", key: "name"),
    SealedTable(name: "snapshot_pointer", key: "snapshot"), SealedTable(name: "written", key: "entry"),
    SealedTable(name: "variable", key: "name"), SealedTable(name: "definition", key: "name"),
  ]

  /// The key of the seal of the tables and views themselves.
  private static let schema = "sqlite_master"

  static func register(in migrator: inout DatabaseMigrator) {
    migrator.registerMigration("seals") { db in
      try db.execute(
        sql: """
          CREATE TABLE seal (
            part TEXT NOT NULL,
            key TEXT NOT NULL,
            sum INTEGER NOT NULL,
            PRIMARY KEY (part, key)
          ) WITHOUT ROWID;
          """)
      try renew(db)
    }
  }

  // MARK: Keeping

  /// Makes the functions that the triggers call. A connection needs them before it writes.
  static func addFunctions(to db: Database) {
    db.add(function: DatabaseFunction("vcsh_seal", pure: true) { RowSeal.of($0) })
    func add(_ name: String, _ body: @escaping @Sendable (Int64, Int64) -> Int64) {
      db.add(
        function: DatabaseFunction(name, argumentCount: 2, pure: true) { values in
          guard let first = Int64.fromDatabaseValue(values[0]), let second = Int64.fromDatabaseValue(values[1]) else {
            return nil
          }
          return body(first, second)
        })
    }
    // Sums that overflow go round; SQLite's own become floats.
    add("vcsh_sum") { $0 &+ $1 }
    add("vcsh_difference") { $0 &- $1 }
  }

  /// From here on, what this connection writes is sealed.
  static func keep(_ db: Database) throws {
    // Without it, rows that are replaced go without a trigger.
    try db.execute(sql: "PRAGMA recursive_triggers = ON")
    try db.execute(sql: "PRAGMA temp_store = MEMORY")
    let columns = try columns(db)
    for table in tables {
      let columns = columns[table.name] ?? []
      func add(_ row: String) -> String {
        let key = "CAST(\(row).\"\(table.key)\" AS TEXT)"
        let sum = "vcsh_seal(\(columns.map { "\(row).\"\($0)\"" }.joined(separator: ", ")))"
        return """
          INSERT INTO seal SELECT '\(table.name)', \(key), 0
            WHERE NOT EXISTS (SELECT 1 FROM seal WHERE part = '\(table.name)' AND key = \(key));
          UPDATE seal SET sum = vcsh_sum(sum, \(sum)) WHERE part = '\(table.name)' AND key = \(key);
          """
      }
      func remove(_ row: String) -> String {
        let key = "CAST(\(row).\"\(table.key)\" AS TEXT)"
        let sum = "vcsh_seal(\(columns.map { "\(row).\"\($0)\"" }.joined(separator: ", ")))"
        return """
          UPDATE seal SET sum = vcsh_difference(sum, \(sum)) WHERE part = '\(table.name)' AND key = \(key);
          DELETE FROM seal WHERE part = '\(table.name)' AND key = \(key) AND sum = 0;
          """
      }
      for (event, body) in [
        ("INSERT", add("NEW")), ("DELETE", remove("OLD")), ("UPDATE", remove("OLD") + "\n" + add("NEW")),
      ] {
        try db.execute(
          sql: """
            CREATE TEMP TRIGGER "seal_\(table.name)_\(event)" AFTER \(event) ON main."\(table.name)" BEGIN
            \(body)
            END
            """)
      }
    }
  }

  /// Seals all rows as they are.
  package static func renew(_ db: Database) throws {
    try db.execute(sql: "DELETE FROM seal")
    let columns = try columns(db)
    for table in tables {
      for (key, sum) in try sums(of: table, columns[table.name] ?? [], in: db) {
        try db.execute(sql: "INSERT INTO seal VALUES (?, ?, ?)", arguments: [table.name, key, sum])
      }
    }
    try db.execute(sql: "INSERT INTO seal VALUES (?, '', ?)", arguments: [schema, try sumOfSchema(db)])
  }

  /// Seals the tables and views as they are.
  static func renewSchema(_ db: Database) throws {
    try db.execute(
      sql: "INSERT OR REPLACE INTO seal VALUES (?, '', ?)", arguments: [schema, try sumOfSchema(db)])
  }

  // MARK: Checking

  /// Rows that are not as they were sealed, in words; nil beyond `limit` of them.
  static func problems(_ db: Database, limit: Int = .max) throws -> [String] {
    var problems: [String] = []
    let columns = try columns(db)
    var seals: [String: [String: Int64]] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT part, key, sum FROM seal") {
      seals[try row.value("part"), default: [:]][try row.value("key")] = try row.value("sum") as Int64
    }
    for table in tables {
      let found = try sums(of: table, columns[table.name] ?? [], in: db)
      let stored = seals[table.name] ?? [:]
      guard found != stored else { continue }
      for key in Set(found.keys).union(stored.keys).sorted(by: { ($0.count, $0) < ($1.count, $1) })
      where found[key] != stored[key] {
        let state =
          found[key] == nil ? "is gone" : stored[key] == nil ? "was not written by vcsh" : "is not as vcsh wrote it"
        problems.append("`\(table.name)` where `\(table.key)` is \(key.shortened) \(state)")
        if problems.count >= limit { return problems }
      }
    }
    let sealed = try Int64.fetchOne(db, sql: "SELECT sum FROM seal WHERE part = ?", arguments: [schema])
    if try sealed != sumOfSchema(db) { problems.append("its tables and views are not as vcsh made them") }
    return problems
  }

  /// - Throws: `format` with the first row that is not as it was sealed.
  static func check(_ db: Database) throws {
    if let problem = try problems(db, limit: 1).first { throw CatalogueDamage.failure(problem) }
    // An index that disagrees with its table hides rows. The check of a large file would keep the prompt waiting.
    let bytes = try Int.fetchOne(db, sql: "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") ?? 0
    guard bytes <= indexCheckLimit else { return }
    let verdict = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
    if let verdict, verdict != "ok" { throw CatalogueDamage.failure(verdict.shortened) }
  }

  /// Largest catalogue whose indices are compared with their tables each time that it is opened.
  private static let indexCheckLimit = 8 << 20

  // MARK: Sums

  /// The columns of each table that are sealed, in their order.
  private static func columns(_ db: Database) throws -> [String: [String]] {
    var columns: [String: [String]] = [:]
    for row in try Row.fetchAll(
      db,
      sql: """
        SELECT sqlite_master.name AS part, pragma_table_info.name AS column
        FROM sqlite_master JOIN pragma_table_info(sqlite_master.name) WHERE sqlite_master.type = 'table'
        """)
    {
      columns[try row.value("part"), default: []].append(try row.value("column"))
    }
    for table in tables { columns[table.name]?.removeAll { table.without.contains($0) } }
    return columns
  }

  private static func sums(of table: SealedTable, _ columns: [String], in db: Database) throws -> [String: Int64] {
    let columns = columns.map { "\"\($0)\"" }.joined(separator: ", ")
    var sums: [String: Int64] = [:]
    let rows = try Row.fetchCursor(
      db, sql: "SELECT CAST(\"\(table.key)\" AS TEXT), \(columns) FROM \"\(table.name)\"")
    while let row = try rows.next() {
      let values = row.databaseValues
      sums[String.fromDatabaseValue(values[values.startIndex]) ?? "null", default: 0] &+= RowSeal.of(values.dropFirst())
    }
    return sums
  }

  private static func sumOfSchema(_ db: Database) throws -> Int64 {
    try Row.fetchAll(db, sql: "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").reduce(0) {
      $0 &+ RowSeal.of($1.databaseValues)
    }
  }
}
