/// The result of an expression or a command.
public indirect enum Value: Sendable, Equatable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case list([Value])
  case record(Record)
  case table(Table)
  /// A screen to read: headings, fields, tables, figures.
  case report(Report)

  /// The word used in messages: "a table", "an integer".
  public var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .double: "float"
    case .string: "string"
    case .list: "list"
    case .record: "record"
    case .table: "table"
    case .report: "report"
    }
  }

  /// A count: whole where it is a whole number (counts that were weighted are not), null where there is none.
  package static func whole(_ value: Double?) -> Value {
    guard let value else { return .null }
    return Int(exactly: value).map(Value.int) ?? .double(value)
  }

  /// A number as float64; nil for null and for other kinds.
  public var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }
}

/// Named values, in the order in which they were set.
public struct Record: Sendable, Equatable {
  public private(set) var fields: [(name: String, value: Value)]

  public init(_ fields: [(String, Value)] = []) {
    self.fields = []
    for (name, value) in fields { self[name] = value }
  }

  public subscript(name: String) -> Value? {
    get { fields.first { $0.name == name }?.value }
    set {
      if let index = fields.firstIndex(where: { $0.name == name }) {
        if let newValue { fields[index].value = newValue } else { fields.remove(at: index) }
      } else if let newValue {
        fields.append((name, newValue))
      }
    }
  }

  public var names: [String] { fields.map(\.name) }

  public static func == (a: Record, b: Record) -> Bool {
    a.fields.count == b.fields.count
      && zip(a.fields, b.fields).allSatisfy { $0.name == $1.name && $0.value == $1.value }
  }
}
