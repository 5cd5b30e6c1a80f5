import Base

/// The type of a value, as far as it is known before the program runs.
indirect enum StaticType: Equatable {
  case unknown
  case number(UnitKnowledge)
  case text
  case truth
  case list(StaticType)
  case record([Field])
  case table([Field])
  /// The result of `group`, for `summarize`.
  case grouped(keys: [String], [Field])

  /// A column, or a field of a record.
  struct Field: Equatable {
    let name: String
    let type: StaticType
  }

  init(_ column: ColumnSignature) { self.init(typeName: column.type, unit: column.unit) }

  private init(typeName: String, unit: String?) {
    switch typeName {
    case "int", "float": self = .number(UnitKnowledge(unit))
    case "string": self = .text
    case "bool": self = .truth
    default: self = .unknown
    }
  }

  /// The type of a known value. Long lists are judged by their first elements.
  init(of value: Value) {
    if let quantity = Quantity(value) {
      self = .number(.unit(quantity.unit, isWritten: true))
      return
    }
    switch value {
    case .null, .report: self = .unknown
    case .bool: self = .truth
    case .int, .double: self = .number(.none)
    case .string: self = .text
    case .list(let elements): self = .list(Self.common(elements.prefix(50).map(Self.init(of:)), of: elements.count))
    case .record(let record):
      self = .record(record.fields.map { Field(name: $0.name, type: Self(of: $0.value)) })
    case .table(let table):
      self = .table(table.columns.map { Field(name: $0.name, type: Self(typeName: $0.typeName, unit: $0.unit)) })
    }
  }

  init(_ kind: Definition.ArgumentKind) {
    switch kind {
    case .string, .path: self = .text
    case .int, .float: self = .number(.none)
    case .bool: self = .truth
    case .list: self = .list(.unknown)
    case .record, .table, .any: self = .unknown
    }
  }

  init(_ type: ParameterDeclaration.ParameterType) {
    switch type {
    case .string, .path: self = .text
    case .int, .float: self = .number(.none)
    case .bool: self = .truth
    case .strings, .ints, .floats, .bools, .paths: self = .list(type.element.map(Self.init) ?? .unknown)
    }
  }

  /// The common type of several values; unknown where they differ, or where only some were examined.
  static func common(_ types: [StaticType], of count: Int? = nil) -> StaticType {
    guard let first = types.first, count ?? types.count == types.count else { return .unknown }
    if types.allSatisfy({ $0 == first }) { return first }
    // A list of records with different fields becomes a table with all of them.
    var fields: [Field] = []
    for type in types {
      guard case .record(let own) = type else { return .unknown }
      for field in own {
        guard let place = fields.firstIndex(where: { $0.name == field.name }) else {
          fields.append(field)
          continue
        }
        if fields[place].type != field.type { fields[place] = Field(name: field.name, type: .unknown) }
      }
    }
    return .record(fields)
  }

  /// The columns of a table, or of a list of records, which becomes a table in a pipe.
  var columns: [Field]? {
    switch self {
    case .table(let columns), .list(.record(let columns)): columns
    default: nil
    }
  }

  /// The type after assignment to a variable: numbers taken out of a table lose their unit.
  var stored: StaticType {
    switch self {
    case .number(.unit(_, isWritten: false)): .number(.none)
    case .list(let element): .list(element.stored)
    case .record(let fields): .record(fields.map { Field(name: $0.name, type: $0.type.stored) })
    default: self
    }
  }

  /// The type of one element, for loops and indices.
  var element: StaticType {
    switch self {
    case .list(let element): element
    case .table(let columns): .record(columns)
    default: .unknown
    }
  }

  /// The unit of its numbers.
  var unit: UnitKnowledge {
    switch self {
    case .number(let unit), .list(.number(let unit)): unit
    case .text, .truth: .none
    default: .unknown
    }
  }

  /// The type in words, where it is certainly not a table.
  var notATable: String? {
    switch self {
    case .number: "a number"
    case .text: "text"
    case .truth: "true or false"
    case .grouped: "a grouped table, which only `summarize` takes"
    case .record: "a record"
    case .list(.number), .list(.text), .list(.truth): "a list"
    case .unknown, .list, .table: nil
    }
  }
}
