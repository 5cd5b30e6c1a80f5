import Base
import Functions

extension TableOperations {
  /// A column of the described table.
  public struct Described: Sendable {
    let column: Column
    /// Ascending; empty for text and truth values.
    let numbers: [Double]

    init(_ column: Column) {
      self.column = column
      numbers = (column.numbers ?? []).compactMap(\.self).sorted()
    }

    /// The value of a function of the language.
    func statistic(_ name: String) -> Double? {
      (try? FunctionTable.function(name)?.body([.list(numbers.map(Value.double))]))?.number
    }

    func count(_ isCounted: (Value) -> Bool) -> Int { (0..<column.count).count { isCounted(column[$0]) } }
  }

  public static let descriptionColumns = TableShape<Described>([
    .string("column", "Its name") { $0.column.name },
    .string("type", "int, float, string or bool") { $0.column.typeName },
    .string("unit", "Null where the numbers have none") { $0.column.unit },
    .int("defined", "Values that are not null") { $0.count { $0 != .null } },
    .int("null", "Values that are null") { $0.count { $0 == .null } },
    .float("mean", "Mean of the numbers that are not null") { $0.statistic("mean") },
    .float("sd", "Standard deviation of the numbers") { $0.statistic("sd") },
    .float("min", "Smallest number") { $0.statistic("min") },
    .float("median", "Median of the numbers") { $0.statistic("median") },
    .float("max", "Largest number") { $0.statistic("max") },
  ])

  /// One row for each column: type, unit, number of defined values, and statistics of numbers.
  public static func describe(_ table: Table) -> Table { descriptionColumns.table(table.columns.map { Described($0) }) }
}
