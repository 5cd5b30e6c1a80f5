/// Rows of typed, named columns. Undefined entries are nil; a column `reason` says why.
public struct Table: Sendable, Equatable {
  public private(set) var columns: [Column]
  /// One line under the table: what is left out, what a number refers to.
  public var note: String?

  /// - Precondition: all columns have the same number of rows and different names.
  public init(_ columns: [Column] = [], note: String? = nil) {
    precondition(Set(columns.map(\.name)).count == columns.count, "two columns with one name: \(columns.map(\.name))")
    precondition(Set(columns.map(\.count)).count <= 1, "columns of different lengths: \(columns.map(\.count))")
    self.columns = columns
    self.note = note
  }

  public var rowCount: Int { columns.first?.count ?? 0 }
  public var names: [String] { columns.map(\.name) }

  public subscript(name: String) -> Column? { columns.first { $0.name == name } }

  /// The entry at `row` of the column at `column`.
  public subscript(row row: Int, column column: Int) -> Value { columns[column][row] }

  /// Row `row` as a record.
  public func record(_ row: Int) -> Record { Record(columns.map { ($0.name, $0[row]) }) }

  /// The rows at `indices`, in that order.
  public func gathering(_ indices: [Int]) -> Table {
    Table(columns.map { $0.gathering(indices) }, note: note)
  }
}

/// One column of a table.
public struct Column: Sendable, Equatable {
  public enum Values: Sendable, Equatable {
    case int([Int?])
    case double([Double?])
    case string([String?])
    case bool([Bool?])
  }

  public var name: String
  /// `Hz`, `bins`, `px`, `bits/spike`, `nats/bin`, … where the numbers have one.
  public var unit: String?
  public var values: Values

  public init(_ name: String, _ values: Values, unit: String? = nil) {
    self.name = name
    self.unit = unit
    self.values = values
  }

  public init(_ name: String, _ values: [Int?], unit: String? = nil) { self.init(name, .int(values), unit: unit) }
  public init(_ name: String, _ values: [Double?], unit: String? = nil) { self.init(name, .double(values), unit: unit) }
  public init(_ name: String, _ values: [String?]) { self.init(name, .string(values)) }
  public init(_ name: String, _ values: [Bool?]) { self.init(name, .bool(values)) }

  public var count: Int {
    switch values {
    case .int(let v): v.count
    case .double(let v): v.count
    case .string(let v): v.count
    case .bool(let v): v.count
    }
  }

  /// `int`, `float`, `string` or `bool`.
  public var typeName: String {
    switch values {
    case .int: "int"
    case .double: "float"
    case .string: "string"
    case .bool: "bool"
    }
  }

  public subscript(row: Int) -> Value {
    switch values {
    case .int(let v): v[row].map(Value.int) ?? .null
    case .double(let v): v[row].map { $0.isNaN ? .null : .double($0) } ?? .null
    case .string(let v): v[row].map(Value.string) ?? .null
    case .bool(let v): v[row].map(Value.bool) ?? .null
    }
  }

  /// The column's numbers, nil where undefined. The whole result is nil for text and truth values.
  public var numbers: [Double?]? {
    switch values {
    case .int(let v): v.map { $0.map(Double.init) }
    case .double(let v): v.map { $0.flatMap { $0.isNaN ? nil : $0 } }
    case .string, .bool: nil
    }
  }

  public func gathering(_ indices: [Int]) -> Column {
    var copy = self
    switch values {
    case .int(let v): copy.values = .int(indices.map { v[$0] })
    case .double(let v): copy.values = .double(indices.map { v[$0] })
    case .string(let v): copy.values = .string(indices.map { v[$0] })
    case .bool(let v): copy.values = .bool(indices.map { v[$0] })
    }
    return copy
  }

  /// A column of these values, with the narrowest type that holds them all. Values of different kinds become text.
  public init(_ name: String, collecting values: [Value], unit: String? = nil) {
    let kinds = Set(values.filter { $0 != .null }.map(\.typeName))
    switch kinds {
    case ["int"]: self.init(name, values.map { if case .int(let v) = $0 { v } else { nil } }, unit: unit)
    case [], ["float"], ["int", "float"]: self.init(name, values.map(\.number), unit: unit)
    case ["bool"]: self.init(name, values.map { if case .bool(let v) = $0 { v } else { nil } })
    default: self.init(name, values.map { $0 == .null ? nil : $0.plainText })
    }
  }
}

extension Value {
  /// The value as text, for string interpolation and for columns of mixed kinds. Numbers have their shortest exact
  /// form.
  public var plainText: String {
    switch self {
    case .null: ""
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    case .double(let value): NumberText.exact(value)
    case .string(let value): value
    case .list(let values): "[" + values.map(\.plainText).joined(separator: ", ") + "]"
    case .record(let record):
      "{" + record.fields.map { "\($0.name): \($0.value.plainText)" }.joined(separator: ", ") + "}"
    case .table(let table): "table of \(table.rowCount.counted("row"))"
    case .report(let report): report.title
    }
  }
}
