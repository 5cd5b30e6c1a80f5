import Base
import Foundation
import GRDB

/// Columns of the catalogue's rows. A value of another type than the schema's is damage: it is reported and never traps.
extension Row {
  /// - Throws: `format` where the column is null or of another type.
  func value<T: DatabaseValueConvertible>(_ column: String) throws -> T {
    guard let value: T = try optional(column) else { throw damage(column) }
    return value
  }

  /// - Throws: `format` where the column is of another type.
  func optional<T: DatabaseValueConvertible>(_ column: String) throws -> T? {
    guard hasColumn(column) else { throw damage(column) }
    let stored: DatabaseValue = self[column]
    if stored.isNull { return nil }
    guard let value = T.fromDatabaseValue(stored) else { throw damage(column) }
    return value
  }

  /// A time in seconds since 1970.
  func date(_ column: String) throws -> Date {
    let seconds: Double = try value(column)
    // Up to the year 9999: calendars can't show later ones.
    guard (0..<253_402_300_800).contains(seconds) else { throw damage(column) }
    return Date(timeIntervalSince1970: seconds)
  }

  private func damage(_ column: String) -> Failure {
    let found = hasColumn(column) ? "\(self[column] as DatabaseValue)".shortened : "missing"
    let row =
      ["id", "name", "entry", "key", "snapshot"].first { hasColumn($0) && $0 != column }
      .map { " where `\($0)` is \("\(self[$0] as DatabaseValue)".shortened)" } ?? ""
    return CatalogueDamage.failure("`\(column)`\(row) is \(found)")
  }
}

/// Damage to the catalogue, and what to do about it.
enum CatalogueDamage {
  static func failure(_ what: String) -> Failure {
    Failure(
      .format, "the catalogue is damaged: \(what)",
      hint: "`vcsh repair DIR` writes what can be saved into a new catalogue and leaves this one as it is")
  }
}
