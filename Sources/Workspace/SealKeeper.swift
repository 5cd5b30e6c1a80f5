import Base
import CPreupdate
import Foundation
import GRDB
import Synchronization

/// Keeps the checksums of the rows that one connection writes. SQLite tells it of every row before it changes, also of rows that
/// are replaced or that go with another; `seal` writes the sums at the end of the transaction.
final class SealKeeper: Sendable {
  private struct Place: Hashable {
    let part: String
    let key: String
  }

  private let layouts: [String: Seals.Layout]
  private let changes = Mutex<[Place: Int64]>([:])

  /// From here on, what this connection writes is noted.
  init(_ db: Database) throws {
    layouts = try Dictionary(
      uniqueKeysWithValues: Seals.tables.map { ($0.name, try Seals.layout(of: $0, in: db)) })
    sqlite3_preupdate_hook(
      db.sqliteConnection,
      { context, connection, operation, schema, table, _, _ in
        guard let context, let connection, let schema, let table, strcmp(schema, "main") == 0 else { return }
        Unmanaged<SealKeeper>.fromOpaque(context).takeUnretainedValue()
          .note(operation, of: String(cString: table), in: connection)
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Forgets what a transaction that did not end has changed.
  func forget() { changes.withLock { $0 = [:] } }

  /// Writes the checksums of what this transaction has changed.
  func seal(_ db: Database) throws {
    let changes = changes.withLock { changes in
      defer { changes = [:] }
      return changes
    }
    for (place, change) in changes where change != 0 {
      let here: StatementArguments = [place.part, place.key]
      let find = try db.cachedStatement(sql: "SELECT sum FROM seal WHERE part = ? AND key = ?")
      let stored = try Row.fetchOne(find, arguments: here)
      let sum = try stored.map { try $0.value("sum") as Int64 } ?? 0
      // Sums that overflow go round. The sum of no rows is 0.
      if sum &+ change == 0 {
        try db.cachedStatement(sql: "DELETE FROM seal WHERE part = ? AND key = ?").execute(arguments: here)
      } else {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO seal VALUES (?, ?, ?)")
          .execute(arguments: here + [sum &+ change])
      }
    }
  }

  private func note(_ operation: Int32, of table: String, in connection: OpaquePointer) {
    guard let layout = layouts[table] else { return }
    func value(_ column: Int, _ read: (OpaquePointer, Int32, inout OpaquePointer?) -> Int32) -> DatabaseValue {
      var value: OpaquePointer?
      guard read(connection, Int32(column), &value) == SQLITE_OK, let value else { return .null }
      return DatabaseValue(sqlite: value)
    }
    func add(_ sign: Int64, _ read: (OpaquePointer, Int32, inout OpaquePointer?) -> Int32) {
      let key = Seals.key(value(layout.key, read))
      let sum = RowSeal.of(layout.sealed.map { value($0, read) })
      changes.withLock { $0[Place(part: table, key: key), default: 0] &+= sign &* sum }
    }
    if operation != SQLITE_INSERT { add(-1) { sqlite3_preupdate_old($0, $1, &$2) } }
    if operation != SQLITE_DELETE { add(1) { sqlite3_preupdate_new($0, $1, &$2) } }
  }
}

extension DatabaseValue {
  fileprivate init(sqlite value: OpaquePointer) {
    switch sqlite3_value_type(value) {
    case SQLITE_INTEGER: self = sqlite3_value_int64(value).databaseValue
    case SQLITE_FLOAT: self = sqlite3_value_double(value).databaseValue
    case SQLITE_TEXT:
      // Up to its first NUL, as GRDB reads it
      self = sqlite3_value_text(value).map { String(cString: $0).databaseValue } ?? .null
    case SQLITE_BLOB:
      let bytes = UnsafeRawBufferPointer(start: sqlite3_value_blob(value), count: Int(sqlite3_value_bytes(value)))
      self = Data(bytes).databaseValue
    default: self = .null
    }
  }
}
