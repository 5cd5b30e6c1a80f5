import Base
import Functions

/// Checks expressions: names, functions, types and units.
extension Checker {
  /// What is known about the columns that an expression may use.
  enum Row {
    /// The expression is not over columns.
    case none
    /// The expression is over columns, but they are unknown.
    case unknown
    case columns([StaticType.Field])

    var columns: [StaticType.Field]? { if case .columns(let columns) = self { columns } else { nil } }
    var isAtHand: Bool { if case .none = self { false } else { true } }
  }

  /// Checks a whole expression, including its units.
  @discardableResult
  mutating func check(_ expression: Expression, row: Row = .none) -> StaticType {
    let type = type(of: expression, row)
    if case .pipeline = expression.kind { return type }
    do {
      let unit = try resolver(row).resolve(expression).1
      if case .number(.unknown) = type { return .number(unit) }
    } catch {
      if let failure = error as? Failure { failures.append(failure) }
    }
    return type
  }

  mutating func check(condition: Expression, row: Row = .none) {
    switch check(condition, row: row) {
    case .number, .text, .list:
      failures.append(Evaluator.notACondition(Printer.print(condition), at: condition.span))
    default: break
    }
  }

  private func resolver(_ row: Row) -> UnitResolver {
    UnitResolver(
      column: { name in row.columns?.first { $0.name == name }?.type.unit ?? .unknown },
      path: { ($0, pathType($0).unit) })
  }

  /// The type of a variable, or of a field or element of one; unknown where any part of the path is.
  private func pathType(_ expression: Expression) -> StaticType {
    switch expression.kind {
    case .variable(let name): variables[name] ?? .unknown
    case .field(let base, let name): pathType(base).field(name) ?? .unknown
    case .index(let base, let index):
      switch index.kind {
      case .text: index.plainText.flatMap { pathType(base).field($0) } ?? .unknown
      default: pathType(base).element
      }
    default: .unknown
    }
  }

  private mutating func type(of expression: Expression, _ row: Row) -> StaticType {
    switch expression.kind {
    case .null: return .unknown
    case .bool: return .truth
    case .int, .double: return .number(.none)
    case .quantity(_, let unit): return .number(.unit(Unit(name: unit), isWritten: true))
    case .text(let parts), .word(let parts):
      for case .value(let value) in parts { _ = type(of: value, row) }
      return .text
    case .variable(let name): return variable(name, at: expression.span)
    case .column(let name): return column(name, row, at: expression.span)
    case .list(let elements): return .list(.common(elements.map { type(of: $0, row) }))
    case .record(let fields):
      return .record(fields.map { .init(name: $0.name, type: type(of: $0.value, row)) })
    case .field(let base, let name): return field(name, of: type(of: base, row), at: expression.span)
    case .index(let base, let index):
      let container = type(of: base, row)
      _ = type(of: index, row)
      guard let name = index.plainText else { return container.element }
      return field(name, of: container, at: expression.span)
    case .unary(.not, let operand):
      check(kind: operand, row, is: "a condition") { $0.isNumber || $0 == .text }
      return .truth
    case .unary(.negate, let operand):
      return check(kind: operand, row, is: "`-`") { $0 == .text || $0 == .truth }
    case .binary(let operation, let left, let right): return binary(operation, left, right, row)
    case .call(let name, let arguments): return call(name, arguments, row, at: expression.span)
    case .pipeline(let pipeline): return check(pipeline)
    }
  }

  private mutating func variable(_ name: String, at span: SourceSpan) -> StaticType {
    if let type = variables[name] { return type }
    failures.append(Evaluator.unknownVariable(name, known: Array(variables.keys), at: span))
    return .unknown
  }

  private mutating func column(_ name: String, _ row: Row, at span: SourceSpan) -> StaticType {
    guard let columns = row.columns else { return .unknown }
    if let column = columns.first(where: { $0.name == name }) { return column.type }
    failures.append(Evaluator.unknownColumn(name, known: columns.map(\.name), at: span))
    return .unknown
  }

  private mutating func field(_ name: String, of type: StaticType, at span: SourceSpan) -> StaticType {
    if let field = type.field(name) { return field }
    switch type {
    case .table(let columns):
      failures.append(Evaluator.unknownColumn(name, known: columns.map(\.name), at: span, written: false))
    case .record(let fields): failures.append(Evaluator.unknownField(name, known: fields.map(\.name), at: span))
    default: break
    }
    return .unknown
  }

  /// The type of an operand. Reports a failure where it certainly does not fit.
  @discardableResult
  private mutating func check(
    kind operand: Expression, _ row: Row, is needer: String, _ isWrong: (StaticType) -> Bool
  ) -> StaticType {
    let type = type(of: operand, row)
    if isWrong(type) { failures.append(unfit(operand, type, needer)) }
    return type.isNumber ? .number(.unknown) : type
  }

  private func unfit(_ operand: Expression, _ type: StaticType, _ needer: String) -> Failure {
    let wanted = needer == "a condition" ? "must be true or false" : "needs numbers"
    return Failure(
      .usage, "\(needer) \(wanted), and `\(Printer.print(operand))` is \(type.notATable ?? "none")",
      hint: type == .text && needer == "`+`" ? "join texts in double quotes: \"$a$b\"" : nil, span: operand.span)
  }

  private mutating func binary(
    _ operation: BinaryOperator, _ left: Expression, _ right: Expression, _ row: Row
  ) -> StaticType {
    let a = type(of: left, row)
    let b = type(of: right, row)
    switch operation {
    case .and, .or:
      for (side, type) in [(left, a), (right, b)] where type.isNumber || type == .text {
        failures.append(unfit(side, type, "a condition"))
      }
      return .truth
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      if (a.isNumber && b == .text) || (a == .text && b.isNumber) {
        let text = Printer.print(a == .text ? left : right)
        failures.append(
          Failure(
            .usage, "can't compare text with a number: `\(text)` is text", hint: "compare text with text",
            span: (a == .text ? left : right).span))
      }
      return .truth
    case .matches:
      for (side, type) in [(left, a), (right, b)] where type.isNumber || type == .truth {
        failures.append(TextPattern.needsText(Printer.print(side), at: side.span))
      }
      if let pattern = right.plainText, let failure = TextPattern.failure(in: pattern, at: right.span) {
        failures.append(failure)
      }
      return .truth
    case .equal, .notEqual, .isIn: return .truth
    case .add where a == .text && b == .text: return .text
    case .add where a.isList || b.isList: return .list(a.isList && a == b ? a.element : .unknown)
    case .add, .subtract, .multiply, .divide, .remainder, .power:
      for (side, type) in [(left, a), (right, b)] where type == .text || type == .truth {
        failures.append(unfit(side, type, "`\(operation.rawValue)`"))
      }
      return a.isNumber && b.isNumber ? .number(.unknown) : .unknown
    }
  }

  // MARK: Functions

  private static let numeric: Set<String> = [
    "mean", "median", "sd", "sum", "quantile", "min", "max", "corr", "abs", "sqrt", "log", "exp", "floor", "ceil",
    "round",
  ]

  private mutating func call(_ name: String, _ arguments: [Expression], _ row: Row, at span: SourceSpan) -> StaticType {
    let types = arguments.map { type(of: $0, row) }
    guard let function = FunctionTable.function(name) else {
      if let definition = definitions[name] { return call(definition, arguments, types, row, at: span) }
      failures.append(FunctionTable.unknown(name, at: span, definitions: Array(definitions.keys)))
      return .unknown
    }
    // In an expression over columns, `count()` counts rows.
    if name == "count", arguments.isEmpty, row.isAtHand { return .number(.none) }
    if let failure = function.arityFailure(arguments.count, at: span) {
      failures.append(failure)
      return .unknown
    }
    if Self.numeric.contains(name) {
      for (argument, type) in zip(arguments, types) where type == .text || type == .list(.text) {
        failures.append(unfit(argument, .text, name))
      }
    }
    if name == "ci", let statistic = arguments[0].plainWord,
      let failure = IntervalFunction.failure(statistic, columns: arguments.count - 1, at: arguments[0].span, span)
    {
      failures.append(failure)
    }
    return Self.result(of: name, types)
  }

  private static func result(of name: String, _ types: [StaticType]) -> StaticType {
    switch name {
    case "mean", "median", "sd", "sum", "quantile", "min", "max": .number(.unknown)
    case "count", "length", "corr": .number(.none)
    case "ci":
      .record(IntervalFunction.fields.map { .init(name: $0, type: .number(types.dropFirst().first?.unit ?? .unknown)) })
    case "abs", "sqrt", "log", "exp", "floor", "ceil", "round", "int", "float":
      types.first?.isNumber == true ? .number(.unknown) : .unknown
    case "contains", "starts_with", "ends_with": .truth
    case "join", "str", "upper", "lower": .text
    case "split", "keys": .list(.text)
    case "range": .list(.number(.none))
    default: .unknown
    }
  }
}

extension StaticType {
  var isNumber: Bool { if case .number = self { true } else { false } }
  var isList: Bool { if case .list = self { true } else { false } }

  /// The type of `.name`; nil where there is no such field, or where it is not known.
  func field(_ name: String) -> StaticType? {
    switch self {
    case .record(let fields): fields.first { $0.name == name }?.type
    case .table(let columns), .list(.record(let columns)):
      columns.first { $0.name == name }.map { .list($0.type) }
    default: nil
    }
  }
}
