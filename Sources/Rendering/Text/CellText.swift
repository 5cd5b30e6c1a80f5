import Base

/// A value as one short text, for a table cell or a report's field.
enum CellText {
  static let null = "-"

  static func of(_ value: Value) -> String {
    switch value {
    case .null: null
    case .double(let number): number.isNaN ? null : NumberText.of(number)
    case .list(let values): "[" + values.map(of).joined(separator: ", ") + "]"
    case .record(let record):
      "{" + record.fields.map { "\(SafeText.line($0.name)): \(of($0.value))" }.joined(separator: ", ") + "}"
    default: SafeText.line(value.plainText)
    }
  }

  /// The texts of a column; nil where a value is undefined.
  static func column(_ column: Column) -> [String?] {
    guard case .double(let numbers) = column.values else {
      return (0..<column.count).map { row in
        let value = column[row]
        return value == .null ? nil : of(value)
      }
    }
    let known = numbers.map { $0.flatMap { $0.isNaN ? nil : $0 } }
    let format = NumberText.Format(for: known.lazy.compactMap { $0 })
    return known.map { $0.map(format.text) }
  }
}
