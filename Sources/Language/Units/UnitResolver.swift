import Base

/// What is known about the unit of an expression's numbers.
enum UnitKnowledge: Equatable {
  /// Numbers without a unit.
  case none
  /// `isWritten` where every number has its unit written after it, so that numbers without a unit do not fit.
  case unit(Unit, isWritten: Bool)
  case unknown

  init(_ name: String?) { self = name.map { .unit(Unit(name: $0), isWritten: false) } ?? .none }
}

/// Removes the units from an expression: numbers that are compared, added or listed are converted to one unit.
///
/// The same rules apply in the checker, which knows columns from signatures, and during the run, which knows the tables.
struct UnitResolver {
  /// The unit of a column.
  let column: (String) -> UnitKnowledge
  /// A variable, or a field or element of one, as plain numbers, with their unit.
  let path: (Expression) -> (Expression, UnitKnowledge)

  /// Functions whose result has the unit of their first argument.
  private static let keeping: Set<String> = [
    "mean", "median", "sd", "sum", "quantile", "first", "last", "unique", "abs", "round", "floor", "ceil", "float",
    "int",
  ]

  /// The expression on plain numbers, with units added back where they remain.
  func resolvedKeepingUnit(_ expression: Expression) throws -> Expression {
    kept(try resolve(expression))
  }

  private func kept(_ resolved: (plain: Expression, unit: UnitKnowledge)) -> Expression {
    guard case .unit(let unit, true) = resolved.unit else { return resolved.plain }
    return Expression(.quantity(resolved.plain, unit: unit.name), at: resolved.plain.span)
  }

  /// The expression on plain numbers, and their unit.
  ///
  /// - Throws: a usage failure with the place where units do not fit.
  func resolve(_ expression: Expression) throws -> (Expression, UnitKnowledge) {
    do {
      return try knowledge(of: expression)
    } catch let failure as Failure {
      throw failure.located(at: expression.span)
    }
  }

  private func knowledge(of expression: Expression) throws -> (Expression, UnitKnowledge) {
    func node(_ kind: Expression.Kind) -> Expression { Expression(kind, at: expression.span) }
    switch expression.kind {
    case .null, .pipeline: return (expression, .unknown)
    case .bool, .int, .double: return (expression, .none)
    case .quantity(let number, let unit): return (number, .unit(Unit(name: unit), isWritten: true))
    case .column(let name): return (expression, column(name))
    case .text(let parts): return (node(.text(try resolve(parts))), .unknown)
    case .word(let parts): return (node(.word(try resolve(parts))), .unknown)
    case .variable: return path(expression)
    case .field(let base, let name):
      if expression.isPath { return path(expression) }
      // The bounds of an interval have the unit of its argument.
      if case .call("ci", let arguments) = base.kind, arguments.count == 2 {
        let (plain, unit) = try resolve(arguments[1])
        return (node(.field(Expression(.call("ci", [arguments[0], plain]), at: base.span), name)), unit)
      }
      return (node(.field(try resolvedKeepingUnit(base), name)), .unknown)
    case .index(let base, let index):
      if expression.isPath { return path(expression) }
      let (plain, unit) = try resolve(base)
      guard case .list = plain.kind else {
        return (node(.index(kept((plain, unit)), try resolvedKeepingUnit(index))), .unknown)
      }
      return (node(.index(plain, try resolvedKeepingUnit(index))), unit)
    case .list(let elements): return try list(elements, expression)
    case .record(let fields):
      return (node(.record(try fields.map { .init($0.name, try resolvedKeepingUnit($0.value)) })), .unknown)
    case .unary(.negate, let operand):
      let (plain, unit) = try resolve(operand)
      return (node(.unary(.negate, plain)), unit)
    case .unary(let operation, let operand):
      return (node(.unary(operation, try resolvedKeepingUnit(operand))), .none)
    case .binary(let operation, let left, let right):
      return try binary(operation, left, right, expression)
    case .call(let name, let arguments): return try call(name, arguments, expression)
    }
  }

  private func resolve(_ parts: [Expression.TextPart]) throws -> [Expression.TextPart] {
    try parts.map { part in
      guard case .value(let value) = part else { return part }
      return .value(try resolvedKeepingUnit(value))
    }
  }

  // MARK: Operators

  private func binary(
    _ operation: BinaryOperator, _ left: Expression, _ right: Expression, _ whole: Expression
  ) throws -> (Expression, UnitKnowledge) {
    func node(_ left: Expression, _ right: Expression) -> Expression {
      Expression(.binary(operation, left, right), at: whole.span)
    }
    let (a, unitA) = try resolve(left)
    let (b, unitB) = try resolve(right)
    func keptBoth() -> Expression { node(kept((a, unitA)), kept((b, unitB))) }
    switch operation {
    case .or, .and, .matches: return (keptBoth(), .none)
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn, .add, .subtract, .remainder:
      // A literal null, or text, fits everything.
      guard unitA != .unknown, unitB != .unknown else {
        guard unitA.isWritten || unitB.isWritten else { return (node(a, b), .unknown) }
        return (keptBoth(), operation.isComparison ? .none : .unknown)
      }
      let (fitted, unit) = try fit(b, unitB, to: unitA)
      return (node(a, fitted), operation.isComparison ? .none : unit)
    case .multiply, .divide:
      guard unitA != .unknown, unitB != .unknown else {
        return unitA.isWritten || unitB.isWritten ? (keptBoth(), .unknown) : (node(a, b), .unknown)
      }
      return try scaling(operation, (a, unitA), (b, unitB), node)
    case .power:
      guard !unitA.isWritten, !unitB.isWritten else {
        throw Failure(.usage, "can't raise a number with a unit to a power", hint: "leave the unit out")
      }
      return (node(a, b), unitA == .unknown ? .unknown : .none)
    }
  }

  /// The operand of a number in `to`, converted to that unit, and the common unit.
  private func fit(_ expression: Expression, _ from: UnitKnowledge, to: UnitKnowledge) throws
    -> (Expression, UnitKnowledge)
  {
    switch (to, from) {
    case (.unit(let a, let isWrittenA), .unit(let b, let isWrittenB)):
      guard let (multiplier, divisor) = b.factor(to: a) else { throw Quantity.mismatch(a.name, b.name) }
      return (Self.scaling(expression, multiplier, divisor), .unit(a, isWritten: isWrittenA && isWrittenB))
    case (.unit(let unit, let isWritten), .none), (.none, .unit(let unit, let isWritten)):
      guard !isWritten else { throw Quantity.missing(unit) }
      return (expression, .unit(unit, isWritten: false))
    default: return (expression, .none)
    }
  }

  private func scaling(
    _ operation: BinaryOperator, _ left: (Expression, UnitKnowledge), _ right: (Expression, UnitKnowledge),
    _ node: (Expression, Expression) -> Expression
  ) throws -> (Expression, UnitKnowledge) {
    switch (left.1, right.1) {
    case (.unit(let a, let isWrittenA), .unit(let b, let isWrittenB)):
      if operation == .divide, let (multiplier, divisor) = b.factor(to: a) {
        return (node(left.0, Self.scaling(right.0, multiplier, divisor)), .none)
      }
      if operation == .multiply, let opposite = a.reciprocal, let own = a.factor(to: a.base),
        let other = b.factor(to: opposite)
      {
        return (node(Self.scaling(left.0, own.0, own.1), Self.scaling(right.0, other.0, other.1)), .none)
      }
      guard !isWrittenA, !isWrittenB else {
        throw Failure(
          .usage, "\(a.name) \(operation == .multiply ? "times" : "divided by") \(b.name) has no unit that vcsh knows",
          hint: "leave the units out")
      }
      return (node(left.0, right.0), .none)
    case (.unit, _): return (node(left.0, right.0), left.1)
    case (_, .unit(let unit, let isWritten)):
      if operation == .multiply { return (node(left.0, right.0), right.1) }
      guard let opposite = unit.reciprocal, let factor = unit.factor(to: opposite.reciprocal ?? unit) else {
        guard !isWritten else {
          throw Failure(.usage, "one divided by \(unit.name) has no unit that vcsh knows", hint: "leave the unit out")
        }
        return (node(left.0, right.0), .none)
      }
      return (node(left.0, Self.scaling(right.0, factor.0, factor.1)), .unit(opposite, isWritten: isWritten))
    default: return (node(left.0, right.0), .none)
    }
  }

  private static func scaling(_ expression: Expression, _ multiplier: Int, _ divisor: Int) -> Expression {
    var scaled = expression
    func factor(_ number: Int) -> Expression { Expression(.int(number), at: expression.span) }
    if multiplier != 1 { scaled = Expression(.binary(.multiply, scaled, factor(multiplier)), at: expression.span) }
    if divisor != 1 { scaled = Expression(.binary(.divide, scaled, factor(divisor)), at: expression.span) }
    return scaled
  }

  // MARK: Lists and functions

  /// A list in which every element has a unit is converted to the unit of the first.
  private func list(_ elements: [Expression], _ whole: Expression) throws -> (Expression, UnitKnowledge) {
    let resolved = try elements.map { try resolve($0) }
    guard let first = resolved.first else { return (whole, .unknown) }
    guard resolved.allSatisfy(\.1.isWritten) else {
      return (
        Expression(.list(resolved.map(kept)), at: whole.span), resolved.allSatisfy { $0.1 == .none } ? .none : .unknown
      )
    }
    var fitted: [Expression] = []
    for (element, unit) in resolved {
      do {
        fitted.append(try fit(element, unit, to: first.1).0)
      } catch {
        // A list may contain different quantities, each with its own unit.
        return (Expression(.list(resolved.map(kept)), at: whole.span), .unknown)
      }
    }
    return (Expression(.list(fitted), at: whole.span), first.1)
  }

  private func call(_ name: String, _ arguments: [Expression], _ whole: Expression) throws -> (
    Expression, UnitKnowledge
  ) {
    func node(_ arguments: [Expression]) -> Expression { Expression(.call(name, arguments), at: whole.span) }
    func keepingRest(_ first: Expression) throws -> Expression {
      node([first] + (try arguments.dropFirst().map { try resolvedKeepingUnit($0) }))
    }
    if Self.keeping.contains(name), let argument = arguments.first {
      let (plain, unit) = try resolve(argument)
      return (try keepingRest(plain), unit)
    }
    if name == "min" || name == "max" {
      let resolved = try arguments.map { try resolve($0) }
      guard var unit = resolved.first?.1, resolved.allSatisfy({ $0.1 != .unknown }) else {
        return (node(resolved.map(kept)), .unknown)
      }
      var fitted: [Expression] = []
      for (argument, from) in resolved {
        let (plain, common) = try fit(argument, from, to: unit)
        fitted.append(plain)
        unit = common
      }
      return (node(fitted), unit)
    }
    let counts = ["count", "length", "corr", "log", "exp", "sqrt"].contains(name)
    return (node(try arguments.map { try resolvedKeepingUnit($0) }), counts ? .none : .unknown)
  }
}

extension UnitKnowledge {
  /// Whether every number has its unit written after it.
  fileprivate var isWritten: Bool {
    if case .unit(_, true) = self { true } else { false }
  }
}

extension BinaryOperator {
  /// Whether the result is true or false.
  var isComparison: Bool { precedence == BinaryOperator.equal.precedence }
}
