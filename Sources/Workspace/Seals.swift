import Base
import CPreupdate
import GRDB

/// Checksums of the catalogue's rows, in its table `seal`: a value that changed on the disk is found when the catalogue is
/// opened, whatever its type, and so are rows that are gone or that vcsh did not write.
///
/// Rows with the same key share a sum. A `SealKeeper` keeps the sums of what vcsh writes; what another program changes is not
/// sealed. A migration that changes a table calls `renew`.
package enum Seals {
  struct SealedTable {
    let name: String
    /// The column whose values are the keys.
    let key: String
    /// What is not sealed.
    var without: Set<String> = []
  }

  static let tables = [
    // No answer depends on a process's number: whether a shell lives is known from its lock.
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

  /// Seals all rows as they are.
  package static func renew(_ db: Database) throws {
    try db.execute(sql: "DELETE FROM seal")
    for table in tables {
      for (key, sum) in try sums(of: table, in: db) {
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

  /// Whether all rows are as they were sealed, told by one number for the rows and one for the seals: the sum of what each key's
  /// seal is, times a weight of the key. Rows that share a key share its weight, so they add up one by one.
  ///
  /// Weights are odd: a single seal that differs always changes the number. Several that differ together go unseen with a
  /// chance of 1 in 2^64.
  package static func isWhole(_ db: Database) throws -> Bool {
    var place = RowSeal()
    place.add(text: schema)
    place.add(text: "")
    var rows = try (place.sum | 1) &* sumOfSchema(db)
    for table in tables {
      let layout = try layout(of: table, in: db)
      var part = RowSeal()
      part.add(text: table.name)
      try eachRow(Self.rows(of: table, in: db)) { row in
        var seal = RowSeal()
        for column in layout.sealed { seal.add(column: column, of: row) }
        var key = part
        if sqlite3_column_type(row, Int32(layout.key)) == SQLITE_TEXT {
          key.add(column: layout.key, of: row)
        } else {
          key.add(text: Self.key(DatabaseValue(sqliteStatement: row, index: Int32(layout.key))))
        }
        rows &+= (key.sum | 1) &* seal.sum
      }
    }
    var seals: Int64 = 0
    var areNumbers = true
    try eachRow(db.cachedStatement(sql: "SELECT part, key, sum FROM seal")) { row in
      areNumbers = areNumbers && sqlite3_column_type(row, 2) == SQLITE_INTEGER
      var key = RowSeal()
      key.add(column: 0, of: row)
      key.add(column: 1, of: row)
      seals &+= (key.sum | 1) &* sqlite3_column_int64(row, 2)
    }
    return areNumbers && rows == seals
  }

  /// Calls `body` with the statement while it stands on each of its rows.
  private static func eachRow(_ statement: Statement, _ body: (SQLiteStatement) -> Void) throws {
    let rows = try Row.fetchCursor(statement)
    while try rows.next() != nil { body(statement.sqliteStatement) }
  }

  /// Rows that are not as they were sealed, in words; nil beyond `limit` of them.
  static func problems(_ db: Database, limit: Int = .max) throws -> [String] {
    var problems: [String] = []
    var seals: [String: [String: Int64]] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT part, key, sum FROM seal") {
      seals[try row.value("part"), default: [:]][try row.value("key")] = try row.value("sum") as Int64
    }
    for table in tables {
      let found = try sums(of: table, in: db)
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
    if try seals[schema]?[""] != sumOfSchema(db) { problems.append("its tables and views are not as vcsh made them") }
    return problems
  }

  /// - Throws: `format` with the first row that is not as it was sealed.
  static func check(_ db: Database) throws {
    // Where the catalogue as a whole is as it was sealed, no row needs to be looked for.
    if try !isWhole(db), let problem = try problems(db, limit: 1).first { throw CatalogueDamage.failure(problem) }
    // An index that disagrees with its table hides rows. The check of a large file would keep the prompt waiting.
    let bytes = try Int.fetchOne(db, sql: "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") ?? 0
    guard bytes <= indexCheckLimit else { return }
    let verdict = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
    if let verdict, verdict != "ok" { throw CatalogueDamage.failure(verdict.shortened) }
  }

  /// Largest catalogue whose indices are compared with their tables each time that it is opened.
  private static let indexCheckLimit = 8 << 20

  // MARK: Sums

  /// Where the key and the sealed values of a table are among its columns.
  struct Layout {
    let key: Int
    let sealed: [Int]
  }

  /// All rows of a table; prepared once for its columns, its check and its keeper.
  private static func rows(of table: SealedTable, in db: Database) throws -> Statement {
    try db.cachedStatement(sql: "SELECT * FROM \"\(table.name)\"")
  }

  static func layout(of table: SealedTable, in db: Database) throws -> Layout {
    let columns = try rows(of: table, in: db).columnNames
    guard let key = columns.firstIndex(of: table.key) else {
      throw CatalogueDamage.failure("the table `\(table.name)` has no column `\(table.key)`")
    }
    return Layout(key: key, sealed: columns.indices.filter { !table.without.contains(columns[$0]) })
  }

  private static func sums(of table: SealedTable, in db: Database) throws -> [String: Int64] {
    let layout = try layout(of: table, in: db)
    var sums: [String: Int64] = [:]
    let rows = try Row.fetchCursor(rows(of: table, in: db))
    while let row = try rows.next() {
      let values = Array(row.databaseValues)
      sums[key(values[layout.key]), default: 0] &+= RowSeal.of(layout.sealed.lazy.map { values[$0] })
    }
    return sums
  }

  /// The key as it stands in the table of seals.
  static func key(_ value: DatabaseValue) -> String {
    switch value.storage {
    case .int64(let number): String(number)
    case .string(let text): text
    case .null: "null"
    case .double(let number): "\(number)"
    case .blob(let data): data.map { String($0, radix: 16) }.joined(separator: " ")
    }
  }

  private static func sumOfSchema(_ db: Database) throws -> Int64 {
    try Row.fetchAll(db, sql: "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").reduce(0) {
      $0 &+ RowSeal.of($1.databaseValues)
    }
  }
}
