import Base

/// Functions of lists, records and tables.
enum ListFunctions {
  /// Longest list that `range` makes.
  private static let rangeLimit = 1_000_000

  static let all = [
    Function("length(x)", "Number of elements of a list, rows of a table, or characters of a text", .row, 1...1) {
      switch $0[0] {
      case .string(let text): .int(text.count)
      case .list(let elements): .int(elements.count)
      case .table(let table): .int(table.rowCount)
      case .record(let record): .int(record.fields.count)
      case .null: .null
      default: throw Failure(.usage, "length needs a list, a table or text, not \($0[0].phrase)")
      }
    },
    Function("first(values)", "First element", .column([0]), 1...1) {
      try $0[0].elements(for: "first").first ?? .null
    },
    Function("last(values)", "Last element", .column([0]), 1...1) {
      try $0[0].elements(for: "last").last ?? .null
    },
    Function("unique(values)", "Distinct elements, in the order of first occurrence", .column([0]), 1...1) {
      var seen = Set<ValueKey>()
      return .list(
        try $0[0].elements(for: "unique").filter {
          try Cancellation.current?.check()
          return seen.insert(ValueKey($0)).inserted
        })
    },
    Function("keys(x)", "Field names of a record, column names of a table", .row, 1...1) {
      switch $0[0] {
      case .record(let record): .list(record.names.map(Value.string))
      case .table(let table): .list(table.names.map(Value.string))
      default: throw Failure(.usage, "keys needs a record or a table, not \($0[0].phrase)")
      }
    },
    Function("range(from, to)", "Whole numbers starting at `from` (default 0) and ending before `to`", .row, 1...2) {
      guard case .int(let end)? = $0.last, case .int(let start) = $0.count > 1 ? $0[0] : .int(0) else {
        throw Failure(.usage, "range needs whole numbers")
      }
      guard end > start else { return .list([]) }
      let (count, overflow) = end.subtractingReportingOverflow(start)
      guard !overflow, count <= rangeLimit else {
        throw Failure(.usage, "range would have more than \(rangeLimit) elements")
      }
      try ValueSize.admit(elements: count)
      return .list((start..<end).map(Value.int))
    },
  ]
}
