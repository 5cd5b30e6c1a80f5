import Base

/// A column's name with its unit, unless the name already contains the unit: `nll (nats/bin)`, but `rate_hz`.
///
/// For formats that are read by people. Data formats keep the bare name, so that a file reads back with the same names.
public enum ColumnHeading {
  public static func of(_ column: Column) -> String { unit(of: column).map { "\(column.name) (\($0))" } ?? column.name }

  /// The unit, unless the name contains it.
  static func unit(of column: Column) -> String? {
    guard let unit = column.unit, !unit.isEmpty, !isSaid(unit, in: column.name) else { return nil }
    return unit
  }

  private static func isSaid(_ unit: String, in name: String) -> Bool {
    let words = name.lowercased().split(separator: "_").map(String.init)
    let folded = unit.lowercased().replacing("/", with: " per ").split(whereSeparator: { !$0.isLetter && !$0.isNumber })
      .map(String.init)
    if folded == ["s"], words.contains("seconds") { return true }
    return words.indices.contains { words[$0...].starts(with: folded) }
  }
}
