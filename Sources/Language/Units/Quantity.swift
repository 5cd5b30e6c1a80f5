import Base

/// A number with a unit as a value: the record `{value: 20, unit: ms}`.
struct Quantity: Equatable {
  let number: Value
  let unit: Unit

  init(_ number: Value, _ unit: Unit) {
    self.number = number
    self.unit = unit
  }

  /// Nil where the value is not a quantity.
  init?(_ value: Value) {
    guard case .record(let record) = value, record.fields.count == 2, record.names == ["value", "unit"],
      let number = record["value"], number.number != nil || number == .null, case .string(let name)? = record["unit"]
    else { return nil }
    self.init(number, Unit(name: name))
  }

  var value: Value { .record(Record([("value", number), ("unit", .string(unit.name))])) }

  var text: String { "\(number.plainText) \(unit.name)" }

  /// The value with the unit; lists element by element. Values other than numbers stay unchanged.
  static func wrapping(_ value: Value, _ unit: Unit) -> Value {
    switch value {
    case .int, .double: Quantity(value, unit).value
    case .list(let elements): .list(elements.map { wrapping($0, unit) })
    default: value
    }
  }

  /// The number in another unit.
  ///
  /// - Throws: a mismatch where the units measure different quantities.
  func number(in other: Unit) throws -> Value {
    guard let (multiplier, divisor) = unit.factor(to: other) else { throw Self.mismatch(unit.name, other.name) }
    return try Self.scaled(number, multiplier, divisor)
  }

  static func scaled(_ value: Value, _ multiplier: Int, _ divisor: Int) throws -> Value {
    let product = multiplier == 1 ? value : try Arithmetic.apply(.multiply, value, .int(multiplier))
    guard divisor != 1 else { return product }
    if case .int(let whole) = product, whole.isMultiple(of: divisor) { return .int(whole / divisor) }
    return try Arithmetic.apply(.divide, product, .int(divisor))
  }

  static func mismatch(_ a: String, _ b: String) -> Failure {
    Failure(
      .usage, "\(a) and \(b) are different units",
      hint: "only numbers with the same kind of unit can be compared or added")
  }

  static func missing(_ unit: Unit, number: String? = nil) -> Failure {
    Failure(
      .usage, "one side is in \(unit.name) and the other has no unit",
      hint: "give both sides a unit: `5 \(unit.name)`, or neither")
  }

  /// Applies an operation with at least one quantity.
  ///
  /// - Throws: a usage failure where the units do not fit the operation.
  static func apply(_ operation: BinaryOperator, _ left: Value, _ right: Value, at span: SourceSpan) throws -> Value {
    func literal(_ value: Value) -> Expression {
      guard let quantity = Quantity(value) else { return Expression(.variable(value == right ? "r" : "l"), at: span) }
      return Expression(.quantity(Expression(number: quantity.number, at: span), unit: quantity.unit.name), at: span)
    }
    if left == .null || right == .null {
      switch operation {
      case .equal, .notEqual: return .bool((left == right) == (operation == .equal))
      case .less, .lessOrEqual, .greater, .greaterOrEqual: return .bool(false)
      default: return .null
      }
    }
    let expression = Expression(.binary(operation, literal(left), literal(right)), at: span)
    let resolver = UnitResolver(column: { _ in .none }, path: { ($0, .none) })
    return try Evaluator(variables: ["l": left, "r": right]).evaluate(resolver.resolvedKeepingUnit(expression))
  }
}

extension Expression {
  /// A number as a literal; null for other values.
  init(number value: Value, at span: SourceSpan) {
    let kind: Kind =
      switch value {
      case .int(let whole): .int(whole)
      case .double(let number): .double(number)
      default: .null
      }
    self.init(kind, at: span)
  }
}
