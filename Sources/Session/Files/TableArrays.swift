import Base
import Formats

/// The columns of a table as numpy arrays, one for each column, and back.
enum TableArrays {
  /// Undefined numbers are NaN, so that such a column of integers or truth values is floating point. Undefined text is
  /// empty.
  static func arrays(of table: Table) -> [NamedArray] {
    table.columns.map { column in
      NamedArray(column.name, shape: [column.count], values: values(column))
    }
  }

  /// Arrays of one axis and of equal length as the columns of a table, undefined where they are not finite or an empty text; nil for
  /// any other archive, and for one with a part of predictions.
  ///
  /// - Throws: what reading throws.
  static func table(of archive: NpzArchive) throws -> Table? {
    let names = archive.arrayNames
    guard !names.isEmpty, archive.foreignNames.isEmpty, !names.contains("rhat"), !names.contains("robs") else {
      return nil
    }
    if names.contains(where: { name in archive.info(name).map { $0.shape.count != 1 } ?? false }) { return nil }
    var columns: [Column] = []
    for name in names {
      guard let column = try column(name, of: archive), column.count == columns.first?.count ?? column.count else {
        return nil
      }
      columns.append(column)
    }
    return Table(columns)
  }

  /// Nil for what is neither numbers nor text.
  private static func column(_ name: String, of archive: NpzArchive) throws -> Column? {
    guard let info = archive.info(name) else {
      guard let labels = try archive.labels(name), labels.allSatisfy({ $0.stringValue != nil }) else { return nil }
      return Column(name, labels.map { $0.stringValue.flatMap { $0.isEmpty ? nil : $0 } })
    }
    if info.scalar == .bool { return Column(name, try archive.integers(name).map { Optional($0 != 0) }) }
    if !info.scalar.isFloatingPoint { return Column(name, try archive.integers(name).map { Optional($0) }) }
    return Column(name, try archive.doubles(name).map { $0.isFinite ? $0 : nil })
  }

  private static func values(_ column: Column) -> NamedArray.Values {
    switch column.values {
    case .int(let values):
      let known = values.compactMap(\.self)
      return known.count == values.count ? .int64(known) : .float64(values.map { $0.map(Double.init) ?? .nan })
    case .double(let values): return .float64(values.map { $0 ?? .nan })
    case .bool(let values):
      let known = values.compactMap(\.self)
      return known.count == values.count
        ? .bool(known) : .float64(values.map { $0.map { $0 ? 1 : 0 } ?? .nan })
    case .string(let values): return .text(values.map { $0 ?? "" })
    }
  }
}
