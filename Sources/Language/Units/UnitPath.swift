import Base

/// Finds the units of variables, and of fields and elements of variables.
struct UnitPath {
  let variables: [String: Value]
  var locals: [String: Value] = [:]
  var last = Value.null

  /// A variable, or a field or element of one, as plain numbers, with their unit.
  func plain(_ expression: Expression) -> (Expression, UnitKnowledge) {
    switch found(expression) {
    case .value(let value)?:
      if let quantity = Quantity(value) {
        return (Expression(number: quantity.number, at: expression.span), .unit(quantity.unit, isWritten: true))
      }
      switch value {
      case .bool, .int, .double, .string: return (expression, .none)
      case .list(let elements):
        let isPlain = elements.allSatisfy { $0.number != nil || $0 == .null }
        return (expression, isPlain ? .none : .unknown)
      default: return (expression, .unknown)
      }
    case .column(let column)?: return (expression, UnitKnowledge(column.unit))
    case .row?, nil: return (expression, .unknown)
    }
  }

  /// Whether the expression reads a variable that may contain a unit.
  func mayFindUnits(in expression: Expression) -> Bool {
    switch expression.kind {
    case .quantity: true
    case .pipeline: false
    case .variable(let name): if case .record = value(name) { true } else { false }
    default: expression.children.contains(where: mayFindUnits)
    }
  }

  private enum Found {
    case value(Value)
    case column(Column)
    case row(Table)
  }

  private func value(_ name: String) -> Value? { name == "_" ? last : locals[name] ?? variables[name] }

  /// The value at a path; columns of tables stay columns, because a list has no unit.
  private func found(_ expression: Expression) -> Found? {
    switch expression.kind {
    case .variable(let name): return value(name).map(Found.value)
    case .field(let base, let name): return field(name, in: found(base))
    case .index(let base, let index):
      if let name = index.plainText { return field(name, in: found(base)) }
      switch found(base) {
      case .value(.table(let table))?: return .row(table)
      case .column(let column)?: return .column(column)
      case .value(.list(let elements))?:
        guard case .int(let position) = index.kind, elements.indices.contains(position) else { return nil }
        return .value(elements[position])
      default: return nil
      }
    default: return nil
    }
  }

  private func field(_ name: String, in found: Found?) -> Found? {
    switch found {
    case .value(.table(let table))?, .row(let table)?: table[name].map(Found.column)
    case .value(.record(let record))?: record[name].map(Found.value)
    default: nil
    }
  }
}
