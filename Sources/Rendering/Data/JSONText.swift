import Base

/// JSON on one line: keys in the order in which they were set, numbers in the shortest form that reads back the same.
///
/// Undefined: NaN and infinities are null. A table is a list of records.
public enum JSONText {
  public static func encode(_ value: Value) -> String {
    var out = ""
    write(value, to: &out)
    return out
  }

  /// A table with one line per row, a list with one line per element, any other value as one line; nothing for null.
  public static func lines(_ value: Value) -> String {
    switch value {
    case .null: ""
    case .table(let table): (0..<table.rowCount).map { encode(.record(table.record($0))) + "\n" }.joined()
    case .list(let values): values.map { encode($0) + "\n" }.joined()
    default: encode(value) + "\n"
    }
  }

  /// A string literal with its quotes.
  static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      // Characters that control a terminal or reorder text are escaped; they read back the same.
      case _ where SafeText.isHostile(scalar):
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  private static func write(_ value: Value, to out: inout String) {
    switch value {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .int(let value): out += String(value)
    case .double(let value): out += number(value)
    case .string(let value): out += quoted(value)
    case .list(let values): write(values, to: &out)
    case .record(let record): write(record.fields, to: &out)
    case .table(let table): write(table, to: &out)
    case .report(let report): write(fields(report), to: &out)
    }
  }

  private static func number(_ value: Double) -> String { value.isFinite ? NumberText.exact(value) : "null" }

  private static func write(_ values: [Value], to out: inout String) {
    out += "["
    for (index, value) in values.enumerated() {
      if index > 0 { out += ", " }
      write(value, to: &out)
    }
    out += "]"
  }

  private static func write(_ fields: [(name: String, value: Value)], to out: inout String) {
    out += "{"
    for (index, field) in fields.enumerated() {
      if index > 0 { out += ", " }
      out += quoted(field.name) + ": "
      write(field.value, to: &out)
    }
    out += "}"
  }

  private static func write(_ table: Table, to out: inout String) {
    // Names are quoted once, not once per row: tables are the large values.
    let keys = table.names.map { quoted($0) + ": " }
    out += "["
    for row in 0..<table.rowCount {
      out += row > 0 ? ", {" : "{"
      for (index, column) in table.columns.enumerated() {
        if index > 0 { out += ", " }
        out += keys[index]
        write(column[row], to: &out)
      }
      out += "}"
    }
    out += "]"
  }

  private static func fields(_ report: Report) -> [(name: String, value: Value)] {
    let sections = report.sections.map { section -> Value in
      var record = Record([("heading", .string(section.heading))])
      switch section.body {
      case .fields(let fields): record["fields"] = .record(fields)
      case .table(let table): record["table"] = .table(table)
      case .figure(let figure): record["figure"] = .record(self.record(figure))
      case .lines(let lines): record["lines"] = .list(lines.map(Value.string))
      }
      return .record(record)
    }
    return [("title", .string(report.title)), ("sections", .list(sections))]
  }

  /// The figure's data, by name.
  public static func record(_ figure: Figure) -> Record {
    var record = Record([
      ("title", .string(figure.title)), ("x_label", .string(figure.xLabel)), ("y_label", .string(figure.yLabel)),
      (
        "series",
        .list(
          figure.series.map { series in
            var fields: [(String, Value)] = [
              ("name", .string(series.name)), ("style", .string(series.style.rawValue)),
              ("x", .list(series.x.map(Value.double))), ("y", .list(series.y.map(Value.double))),
            ]
            if let band = series.band {
              fields += [("low", .list(band.low.map(Value.double))), ("high", .list(band.high.map(Value.double)))]
            }
            return .record(Record(fields))
          })
      ),
    ])
    if !figure.xNames.isEmpty { record["x_names"] = .list(figure.xNames.map(Value.string)) }
    if figure.xIsLogarithmic { record["x_log"] = .bool(true) }
    if figure.yIsLogarithmic { record["y_log"] = .bool(true) }
    if figure.hasDiagonal { record["diagonal"] = .bool(true) }
    if let note = figure.note { record["note"] = .string(note) }
    if let map = figure.map {
      var content = Record([
        ("rows", .int(map.rows)), ("columns", .int(map.columns)), ("values", .list(map.values.map(Value.double))),
        ("outline", .list(map.outline.map { .list([.double($0.x), .double($0.y)]) })),
      ])
      if !map.label.isEmpty { content["label"] = .string(map.label) }
      for (name, range) in [("x_range", map.xRange), ("y_range", map.yRange)] {
        if let range { content[name] = .list([.double(range.lowerBound), .double(range.upperBound)]) }
      }
      if !map.columnNames.isEmpty { content["column_names"] = .list(map.columnNames.map(Value.string)) }
      if !map.rowNames.isEmpty { content["row_names"] = .list(map.rowNames.map(Value.string)) }
      record["map"] = .record(content)
    }
    return record
  }
}
