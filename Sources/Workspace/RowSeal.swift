import CPreupdate
import Foundation
import GRDB

/// A checksum of a row's values, 64 bits. It finds damage; it is no protection against who wants to deceive.
///
/// A whole number has the same checksum as an integer and as a float: SQLite stores either for a column of real numbers.
struct RowSeal {
  private var hash: UInt64 = 0x9e37_79b9_7f4a_7c15

  var sum: Int64 { Int64(bitPattern: hash) }

  static func of(_ values: some Sequence<DatabaseValue>) -> Int64 {
    var seal = RowSeal()
    for value in values { seal.add(value) }
    return seal.sum
  }

  mutating func add(_ value: DatabaseValue) {
    switch value.storage {
    case .null: mix(1)
    case .int64(let number):
      mix(2)
      mix(UInt64(bitPattern: number))
    case .double(let number):
      if let whole = Int64(exactly: number) {
        mix(2)
        mix(UInt64(bitPattern: whole))
      } else {
        mix(3)
        mix(number.bitPattern)
      }
    case .string(let text): add(text: text)
    case .blob(let data): data.withUnsafeBytes { mix(bytes: $0, kind: 5) }
    }
  }

  mutating func add(text: String) {
    var text = text
    text.withUTF8 { mix(bytes: UnsafeRawBufferPointer($0), kind: 4) }
  }

  /// Adds a value of the row on which a statement stands, as GRDB reads it.
  mutating func add(column: Int, of row: SQLiteStatement) {
    let column = Int32(column)
    if sqlite3_column_type(row, column) == SQLITE_TEXT, let start = sqlite3_column_text(row, column) {
      let text = UnsafeRawBufferPointer(start: start, count: strlen(start))
      // GRDB repairs what is not UTF-8; ASCII needs no repair, and no copy.
      if text.allSatisfy({ $0 < 0x80 }) { return mix(bytes: text, kind: 4) }
    }
    add(DatabaseValue(sqliteStatement: row, index: column))
  }

  private mutating func mix(_ word: UInt64) {
    hash = (hash ^ word) &* 0xff51_afd7_ed55_8ccd
    hash ^= hash >> 32
  }

  private mutating func mix(bytes: UnsafeRawBufferPointer, kind: UInt64) {
    mix(kind ^ UInt64(bytes.count) << 8)
    let whole = bytes.count & ~7
    for start in stride(from: 0, to: whole, by: 8) {
      mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)))
    }
    var rest: UInt64 = 0
    for (place, byte) in bytes[whole...].enumerated() { rest |= UInt64(byte) << (8 * place) }
    mix(rest)
  }
}
