import Base

/// Turns any value into a table, for CSV, TSV and Markdown.
enum Tabulation {
  /// A list of records as a table, with columns in the order of first mention. Nil for other lists.
  static func table(_ values: [Value]) -> Table? {
    var records: [Record] = []
    for value in values {
      guard case .record(let record) = value else { return nil }
      records.append(record)
    }
    guard !records.isEmpty else { return nil }
    var names: [String] = []
    var seen: Set<String> = []
    for record in records { for name in record.names where seen.insert(name).inserted { names.append(name) } }
    return Table(names.map { name in Column(name, collecting: records.map { $0[name] ?? .null }) })
  }

  /// Any value as a table; nil for null.
  static func table(_ value: Value) -> Table? {
    switch value {
    case .null: nil
    case .table(let table): table
    case .record(let record): Table(record.fields.map { Column($0.name, collecting: [$0.value]) })
    case .list(let values): table(values) ?? Table([Column("value", collecting: values)])
    case .report(let report): long(report)
    default: Table([Column("value", collecting: [value])])
    }
  }

  /// A report as a table with one row per value, `section, row, name, value`, which fits all of its parts.
  private static func long(_ report: Report) -> Table {
    var sections: [String] = []
    var rows: [Int?] = []
    var names: [String] = []
    var values: [String?] = []
    func add(_ section: String, _ row: Int?, _ name: String, _ value: Value) {
      sections.append(section)
      rows.append(row)
      names.append(name)
      // All values are text: a column of mixed numbers would write whole ones as floats.
      let isUndefined = value == .null || value.number?.isNaN == true
      values.append(isUndefined ? nil : value.plainText)
    }
    for section in report.sections {
      switch section.body {
      case .fields(let record): for field in record.fields { add(section.heading, nil, field.name, field.value) }
      case .lines(let lines):
        for (row, line) in lines.enumerated() { add(section.heading, row + 1, "line", .string(line)) }
      case .table(let table):
        for row in 0..<table.rowCount {
          for column in table.columns { add(section.heading, row + 1, column.name, column[row]) }
        }
      case .figure(let figure):
        for series in figure.series {
          for row in series.x.indices {
            add(section.heading, row + 1, series.name + ".x", .double(series.x[row]))
            add(section.heading, row + 1, series.name + ".y", .double(series.y[row]))
          }
        }
        for (index, value) in (figure.map?.values ?? []).enumerated() {
          add(section.heading, index + 1, "map", .double(value))
        }
      }
    }
    return Table([
      Column("section", sections), Column("row", rows), Column("name", names), Column("value", values),
    ])
  }
}
