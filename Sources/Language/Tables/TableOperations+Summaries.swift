import Base

extension TableOperations {
  /// One row per group with the values of expressions over the group's rows; a single row where there are no groups.
  public static func summarize(_ table: Table, _ expressions: [RowExpression], by names: [String] = []) throws -> Table
  {
    let keys = try select(table, names)
    // Even without rows, the expressions determine the columns.
    let groups = try names.isEmpty ? [(key: [], rows: Array(0..<table.rowCount))] : groups(table, by: names)
    let parts = groups.map { table.gathering($0.rows) }
    var columns = names.isEmpty ? [] : keys.gathering(groups.map { $0.rows[0] }).columns
    for expression in expressions {
      let values = try parts.map { try expression.aggregate(over: $0) }
      for value in values {
        guard case .list = value else { continue }
        throw Failure(
          .usage, "`\(expression.text)` has one value for each row; a single value is needed here",
          hint: "combine all rows with a function, such as mean(…)",
          span: expression.span)
      }
      let name = summaryName(of: expression.expression)
      for (field, values) in fields(of: values) {
        let free = free(field.map { "\(name)_\($0)" } ?? name, among: columns.map(\.name))
        let unit = try unit(of: field, expression, in: table)
        columns.append(Column(free, collecting: values, unit: unit))
      }
    }
    return Table(columns, note: leftOut(of: table, expressions))
  }

  /// Name of a summary's column: `mean_bits` for `mean(bits)`; the name of an interval comes from its argument.
  static func summaryName(of expression: Expression) -> String {
    if case .call("ci", let arguments) = expression.kind, let statistic = arguments.first?.plainWord {
      let inner = Expression(.call(statistic, Array(arguments.dropFirst())), at: expression.span)
      return columnName(of: Printer.print(inner))
    }
    return columnName(of: Printer.print(expression))
  }

  /// A record becomes one column for each of its fields.
  private static func fields(of values: [Value]) -> [(name: String?, values: [Value])] {
    var names: [String] = []
    for case .record(let record) in values { names += record.names.filter { !names.contains($0) } }
    guard !names.isEmpty else { return [(nil, values)] }
    return names.map { name in
      (name, values.map { if case .record(let record) = $0 { record[name] ?? .null } else { .null } })
    }
  }

  private static func unit(of field: String?, _ expression: RowExpression, in table: Table) throws -> String? {
    guard let field else { return try expression.unit(in: table) }
    let looked = Expression(.field(expression.expression, field), at: expression.span)
    return try RowExpression(looked, variables: expression.variables, text: expression.text).unit(in: table)
  }

  /// The note on undefined values that functions over columns have left out.
  private static func leftOut(of table: Table, _ expressions: [RowExpression]) -> String? {
    var names: [String] = []
    func visit(_ expression: Expression) {
      if case .column(let name) = expression.kind, !names.contains(name) { names.append(name) }
      // The result of `count(x)` already shows how many there are.
      if case .call("count", _) = expression.kind { return }
      expression.children.forEach(visit)
    }
    expressions.map(\.expression).forEach(visit)
    let missing = names.compactMap { name -> String? in
      guard let column = table[name] else { return nil }
      let count = (0..<column.count).count { column[$0] == .null }
      return count == 0 ? nil : "\(count) of \(column.count) values of \(name)"
    }
    return missing.isEmpty ? nil : "undefined and left out: \(missing.joined(separator: ", "))"
  }

  /// The failure where the other table of a join lacks a column.
  public static func missingPartner(_ name: String, known: [String], at span: SourceSpan?) -> Failure {
    Failure(
      .missing, "the other table has no column `\(name)`",
      hint: Suggestion.hint(for: name, among: known) ?? "its columns: \(known.joined(separator: " "))", span: span)
  }

  /// Rows of both tables with equal values in these columns. Other columns that both tables have get `_2` on the right.
  ///
  /// - Parameter keepsLeft: whether rows of the left table without a match stay, with nulls on the right.
  public static func join(_ left: Table, _ right: Table, on names: [String], keepsLeft: Bool = false) throws -> Table {
    guard !names.isEmpty else { throw Failure(.usage, "join needs a column to join on") }
    let leftKeys = try names.map { try column($0, of: left) }
    var partners: [[ValueKey]: [Int]] = [:]
    for (key, rows) in try groups(right, by: names) { partners[key] = rows }
    let null = ValueKey(.null)
    var leftRows: [Int] = []
    var rightRows: [Int?] = []
    for row in 0..<left.rowCount {
      let key = leftKeys.map { ValueKey($0[row]) }
      // Null equals nothing here: two unknown cells need not be the same cell.
      let matches = key.contains(null) ? [] : partners[key] ?? []
      for match in matches {
        leftRows.append(row)
        rightRows.append(match)
      }
      if matches.isEmpty, keepsLeft {
        leftRows.append(row)
        rightRows.append(nil)
      }
    }
    var columns = left.gathering(leftRows).columns
    for column in right.columns where !names.contains(column.name) {
      var copy = column.gathering(rightRows)
      copy.name = free(column.name, among: columns.map(\.name))
      columns.append(copy)
    }
    return Table(columns, note: left.note)
  }

  /// `mean(bits_per_spike)` becomes `mean_bits_per_spike`.
  static func columnName(of text: String) -> String {
    let words = text.split { !$0.continuesName }
    return words.isEmpty ? "value" : words.joined(separator: "_")
  }
}

extension Column {
  /// The entries at these rows; null for nil.
  fileprivate func gathering(_ rows: [Int?]) -> Column {
    var copy = self
    switch values {
    case .int(let v): copy.values = .int(rows.map { $0.flatMap { v[$0] } })
    case .double(let v): copy.values = .double(rows.map { $0.flatMap { v[$0] } })
    case .string(let v): copy.values = .string(rows.map { $0.flatMap { v[$0] } })
    case .bool(let v): copy.values = .bool(rows.map { $0.flatMap { v[$0] } })
    }
    return copy
  }
}
