import Base
import Foundation
import GRDB

/// What `vcsh repair` saved of a damaged catalogue.
public struct RepairReport: Sendable {
  public struct Table: Sendable, Equatable {
    public var name: String
    /// Rows that are in the new catalogue; of these `mended` with a value replaced.
    public var kept: Int
    public var mended: Int
    /// Rows that were read and are not in it.
    public var lost: Int
    /// Whether a part could not be read at all.
    public var isCut: Bool
  }

  public var path: String
  public var tables: [Table]
  /// Digests of objects that versions or entries need and that are not there or damaged.
  public var missingObjects: [String]
  /// Rows of the old catalogue that were changed behind vcsh's back, in words: what is kept of them is as it was found.
  public var changed: [String]
  public var isWhole: Bool {
    changed.isEmpty && missingObjects.isEmpty && tables.allSatisfy { $0.lost + $0.mended == 0 && !$0.isCut }
  }
}

extension Workspace {
  /// Writes what can be saved of the catalogue at `root` into `workspace.repaired.sqlite` beside it. The original is only
  /// read: a copy of it and of its journal is worked on.
  ///
  /// - Throws: `conflict` where the new file is there already; `format` where nothing can be read.
  public static func repair(at root: String, payloads: PayloadTable) throws -> RepairReport {
    let root = URL(filePath: root).standardizedFileURL.path
    let original = root + "/" + catalogueName
    let target = root + "/workspace.repaired.sqlite"
    let files = FileManager.default
    guard files.fileExists(atPath: original) else { throw Failure(.missing, "no workspace at \(root)") }
    guard !files.fileExists(atPath: target) else {
      throw Failure(.conflict, "\(target) is there already", hint: "move it away, then repair again")
    }
    let folder = root + "/repair-\(UUID().uuidString)"
    do {
      try files.createDirectory(atPath: folder, withIntermediateDirectories: false)
      defer { try? files.removeItem(atPath: folder) }
      for ending in ["", "-journal"] where files.fileExists(atPath: original + ending) {
        try files.copyItem(atPath: original + ending, toPath: folder + "/copy.sqlite" + ending)
      }
      let report = try CatalogueRepair(from: folder + "/copy.sqlite", to: folder + "/new.sqlite", payloads).run(
        ObjectStore(root: root + "/objects"), of: original, path: target)
      guard rename(folder + "/new.sqlite", target) == 0 else { throw ObjectStore.systemFailure("can't keep \(target)") }
      return report
    } catch let error as DatabaseError {
      throw Failure(
        .format, "\(original): nothing can be read: \(error.message ?? "it is not an SQLite file")",
        hint: "restore it from a copy")
    } catch {
      throw ObjectStore.explain(error, path: root)
    }
  }
}

/// Copies rows into a new catalogue, each for itself, and leaves out what its rules do not allow.
private struct CatalogueRepair {
  private let source: DatabaseQueue
  private let target: DatabaseQueue
  private let payloads: PayloadTable

  init(from old: String, to new: String, _ payloads: PayloadTable) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    source = try DatabaseQueue(path: old, configuration: configuration)
    target = try DatabaseQueue(path: new, configuration: configuration)
    self.payloads = payloads
    try Schema.migrator.migrate(target)
  }

  private struct Column {
    let name: String
    let type: String
    let isRequired: Bool
  }

  func run(_ objects: ObjectStore, of original: String, path: String) throws -> RepairReport {
    let known = try source.read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_master WHERE type = 'table'") }
    let names = try target.read { db in
      try String.fetchAll(
        db,
        sql:
          "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'grdb_%'")
    }
    // Where damage hides the migrations, what can be read is saved all the same.
    guard (try? source.read { try Schema.migrator.hasBeenSuperseded($0) }) != true else {
      throw Workspace.isNewer(path: original)
    }
    guard known.contains("entry") else {
      throw Failure(.format, "\(source.path) has no table of entries", hint: "restore it from a copy")
    }
    let changed = known.contains("seal") ? (try? source.read { try Seals.problems($0) }) ?? [] : []
    var tables: [RepairReport.Table] = []
    for name in names where name != "seal" && known.contains(name) { tables.append(try copy(name)) }
    try removeDangling(&tables)
    try target.write(Seals.renew)
    let needed = try target.read { try String.fetchAll($0, sql: Workspace.needed + " ORDER BY 1") }
    let missing = needed.filter { !objects.contains($0) || (try? objects.isWhole($0)) != true }
    return RepairReport(path: path, tables: tables, missingObjects: missing, changed: changed)
  }

  /// Forward up to what can't be read, then backward from the end.
  private func copy(_ table: String) throws -> RepairReport.Table {
    let columns = try columns(of: table)
    let list = columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
    var report = RepairReport.Table(name: table, kept: 0, mended: 0, lost: 0, isCut: false)
    let isOrdered = try target.read { db in try db.primaryKey(table) }.columns
    let order = isOrdered.isEmpty ? "rowid" : isOrdered.map { "\"\($0)\" DESC" }.joined(separator: ", ")
    let backward = isOrdered.isEmpty ? "rowid DESC" : order
    for suffix in ["", " ORDER BY \(backward)"] {
      do {
        try source.read { db in
          let rows = try Row.fetchCursor(db, sql: "SELECT \(list) FROM \"\(table)\"\(suffix)")
          while let row = try rows.next() { try keep(row, columns, table, &report) }
        }
        // Everything was read.
        if suffix.isEmpty { return report }
      } catch is DatabaseError {
        report.isCut = true
      }
    }
    return report
  }

  private func columns(of table: String) throws -> [Column] {
    let known = try source.read { try $0.columns(in: table).map(\.name) }
    return try target.read { db in
      try db.columns(in: table).filter { known.contains($0.name) }.map {
        Column(name: $0.name, type: $0.type.uppercased(), isRequired: $0.isNotNull || $0.primaryKeyIndex > 0)
      }
    }
  }

  private func keep(_ row: Row, _ columns: [Column], _ table: String, _ report: inout RepairReport.Table) throws {
    var values: [DatabaseValue] = []
    var isMended = false
    for column in columns {
      let value: DatabaseValue = row[column.name]
      if fits(value, column, table) {
        values.append(value)
      } else if let other = replacement(column, table) {
        values.append(other)
        isMended = true
      } else {
        report.lost += 1
        return
      }
    }
    guard isReadable(row, table) else {
      report.lost += 1
      return
    }
    let list = columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
    let places = columns.map { _ in "?" }.joined(separator: ", ")
    do {
      let changes = try target.write { db in
        let before = db.totalChangesCount
        try db.execute(
          sql: "INSERT OR IGNORE INTO \"\(table)\" (\(list)) VALUES (\(places))",
          arguments: StatementArguments(values))
        return db.totalChangesCount - before
      }
      // A row that is there already was read from the other end.
      guard changes > 0 else { return }
      report.kept += 1
      if isMended { report.mended += 1 }
    } catch is DatabaseError {
      report.lost += 1
    }
  }

  private func fits(_ value: DatabaseValue, _ column: Column, _ table: String) -> Bool {
    switch value.storage {
    case .null: return !column.isRequired
    case .int64(let number):
      // Numbers at the limit leave none for the next row.
      return column.type == "INTEGER" && abs(Double(number)) < 0x1p53 || column.type == "REAL"
    case .double(let number):
      let isTime = ["created", "started", "used"].contains(column.name)
      return column.type == "REAL" && (isTime ? (0..<253_402_300_800).contains(number) : true)
    case .string(let text):
      guard column.type == "TEXT" else { return false }
      if column.name == "space" { return ["name", "calibration"].contains(text) }
      return table != "entry" || column.name != "status" || EntryRecord.Status(rawValue: text) != nil
    case .blob: return false
    }
  }

  /// What stands for a lost value that nothing else depends on; nil where the row is worth nothing without it.
  private func replacement(_ column: Column, _ table: String) -> DatabaseValue? {
    if !column.isRequired { return .null }
    if ["created", "started", "used"].contains(column.name) { return 0.0.databaseValue }
    guard table == "entry" else { return nil }
    switch column.name {
    case "source": return "# the text of this entry was lost".databaseValue
    case "session", "origin", "process": return "lost".databaseValue
    case "status": return EntryRecord.Status.interrupted.rawValue.databaseValue
    default: return nil
    }
  }

  /// Whether vcsh understands what a row holds.
  private func isReadable(_ row: Row, _ table: String) -> Bool {
    guard table == "version" else { return true }
    guard let kind: String = try? row.value("kind"), let payload: String = try? row.value("payload") else {
      return false
    }
    return (try? payloads.decode(kind: kind, payload)) != nil
  }

  /// Rows that refer to lost ones go, too, and those that refer to these.
  private func removeDangling(_ tables: inout [RepairReport.Table]) throws {
    for index in tables.indices {
      let before = try count(tables[index].name)
      tables[index].kept = before
    }
    var goesOn = true
    while goesOn {
      goesOn = try target.write { db in
        var removed = 0
        for key in try tables.flatMap({ table in try db.foreignKeys(on: table.name).map { (table.name, $0) } }) {
          let (table, foreign) = key
          for (origin, destination) in foreign.mapping {
            try db.execute(
              sql: """
                DELETE FROM "\(table)" WHERE "\(origin)" IS NOT NULL
                  AND "\(origin)" NOT IN (SELECT "\(destination)" FROM "\(foreign.destinationTable)")
                """)
            removed += db.changesCount
          }
        }
        return removed > 0
      }
    }
    for index in tables.indices {
      let now = try count(tables[index].name)
      tables[index].lost += tables[index].kept - now
      tables[index].kept = now
    }
  }

  private func count(_ table: String) throws -> Int {
    try target.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM \"\(table)\"") ?? 0 }
  }
}
