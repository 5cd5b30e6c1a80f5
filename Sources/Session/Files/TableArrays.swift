import Base
import Formats

/// The columns of a table as numpy arrays, one for each column.
enum TableArrays {
  /// Undefined numbers are NaN, so that such a column of integers or truth values is floating point. Undefined text is
  /// empty.
  static func arrays(of table: Table) -> [NamedArray] {
    table.columns.map { column in
      NamedArray(column.name, shape: [column.count], values: values(column))
    }
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
