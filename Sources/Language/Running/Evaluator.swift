import Base
import Foundation
import Functions

/// Evaluates expressions.
///
/// Null stands for an unknown value: arithmetic with it gives null, and `<`, `>` and similar comparisons with it are false;
/// `==` and `!=` treat it as a value. A number that is not finite becomes null.
struct Evaluator {
  /// Variables by name.
  var variables: [String: Value]
  /// Local names of the running definition; they take precedence over variables.
  var locals: [String: Value] = [:]
  /// The value of `$_`.
  var last = Value.null
  /// The current row of an expression over columns.
  var row: Row?
  /// Runs a pipeline; nil where commands are not allowed.
  var runPipeline: ((Pipeline) throws -> Value)?
  /// Calls a definition; its result is nil where there is no such definition.
  var callDefinition: ((String, [Value], SourceSpan) throws -> Value?)?
  /// Names of the definitions, for suggestions.
  var definitions: [String] = []
  let patterns = PatternCache()

  struct Row {
    let columns: [String: Column]
    var index: Int
  }

  func evaluate(_ expression: Expression) throws -> Value {
    do {
      return try value(of: expression)
    } catch let failure as Failure {
      throw failure.located(at: expression.span)
    }
  }

  private func value(of expression: Expression) throws -> Value {
    switch expression.kind {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .double(let value): return .double(value)
    case .quantity(let number, let unit): return Quantity.wrapping(try evaluate(number), Unit(name: unit))
    case .text(let parts), .word(let parts): return .string(try text(of: parts))
    case .variable(let name): return try variable(name, at: expression.span)
    case .column(let name): return try column(name, at: expression.span)
    case .list(let elements): return .list(try elements.map(evaluate))
    case .record(let fields): return .record(Record(try fields.map { ($0.name, try evaluate($0.value)) }))
    case .field(let base, let name): return try field(name, of: evaluate(base))
    case .index(let base, let index): return try element(evaluate(index), of: evaluate(base))
    case .unary(.not, let operand): return .bool(!(try truth(of: operand)))
    case .unary(.negate, let operand): return try Arithmetic.negated(evaluate(operand))
    case .binary(.and, let left, let right): return .bool(try truth(of: left) && truth(of: right))
    case .binary(.or, let left, let right): return .bool(try truth(of: left) || truth(of: right))
    case .binary(let operation, let left, let right):
      return try binary(operation, evaluate(left), evaluate(right), at: expression.span)
    case .call(let name, let arguments): return try call(name, arguments, at: expression.span)
    case .pipeline(let pipeline):
      guard let runPipeline else {
        throw Failure(
          .usage, "a command can't be used in an expression over columns", hint: "store its result with `let` first")
      }
      return try runPipeline(pipeline)
    }
  }

  /// The value of a condition; null counts as false.
  func truth(of expression: Expression) throws -> Bool {
    switch try evaluate(expression) {
    case .bool(let truth): return truth
    case .null: return false
    case let other:
      throw Failure(
        .usage, "a condition must be true or false, not \(other.phrase)", hint: "compare it: `… == …`, `… > 0`",
        span: expression.span)
    }
  }

  static func notACondition(_ text: String, at span: SourceSpan) -> Failure {
    Failure(
      .usage, "a condition must be true or false, and `\(text)` is neither", hint: "compare it: `\(text) > 0`",
      span: span)
  }

  private func text(of parts: [Expression.TextPart]) throws -> String {
    var out = ""
    for part in parts {
      switch part {
      case .text(let text): out += text
      case .value(let value):
        let value = try evaluate(value)
        out += Quantity(value)?.text ?? value.plainText
      }
    }
    try ValueSize.admit(text: out.utf8.count)
    return out
  }

  private func variable(_ name: String, at span: SourceSpan) throws -> Value {
    if name == "_" { return last }
    guard let value = locals[name] ?? variables[name] else {
      throw Self.unknownVariable(name, known: Array(locals.keys) + Array(variables.keys), at: span)
    }
    return value
  }

  static func unknownVariable(_ name: String, known: [String], at span: SourceSpan) -> Failure {
    Failure(
      .usage, "there is no variable `$\(name)`",
      hint: Suggestion.best(for: name, among: known.sorted()).map { "did you mean `$\($0)`?" }
        ?? "set it with `let \(name) = …`", span: span)
  }

  private func column(_ name: String, at span: SourceSpan) throws -> Value {
    guard let row else {
      throw Failure(
        .usage, "`\(name)` is a column, which has one value for each row; a single value is needed here",
        hint: "combine all rows with a function: `mean(\(name))`",
        span: span)
    }
    guard let column = row.columns[name] else {
      throw Self.unknownColumn(name, known: row.columns.keys.sorted(), at: span)
    }
    return column[row.index]
  }

  /// - Parameter written: whether it is a bare name in an expression, so that text may have been meant.
  static func unknownColumn(_ name: String, known: [String], at span: SourceSpan?, written: Bool = true) -> Failure {
    let columns = known.isEmpty ? "the table has no columns" : "columns: \(known.joined(separator: " "))"
    return Failure(
      .missing, "the table has no column `\(name)`",
      hint: Suggestion.hint(for: name, among: known) ?? (written ? "write text as '\(name)'; \(columns)" : columns),
      span: span)
  }

  private func field(_ name: String, of value: Value) throws -> Value {
    switch value {
    case .record(let record):
      if let value = record[name] { return value }
      throw Self.unknownField(name, known: record.names, at: nil)
    case .table(let table):
      guard let column = table[name] else {
        throw Self.unknownColumn(name, known: table.names, at: nil, written: false)
      }
      return .list((0..<table.rowCount).map { column[$0] })
    case .list(let elements): return .list(try elements.map { try field(name, of: $0) })
    case .null: return .null
    default:
      throw Failure(
        .usage, "\(value.phrase) has no field `\(name)`", hint: "write `${name}.\(name)` for a value followed by a dot")
    }
  }

  static func unknownField(_ name: String, known: [String], at span: SourceSpan?) -> Failure {
    Failure(
      .missing, "the record has no field `\(name)`",
      hint: Suggestion.hint(for: name, among: known) ?? "fields: \(known.joined(separator: " "))", span: span)
  }

  private func element(_ index: Value, of value: Value) throws -> Value {
    if case .string(let name) = index { return try field(name, of: value) }
    guard case .int(let number) = index else {
      throw Failure(.usage, "an index must be a whole number or a name, not \(index.phrase)")
    }
    let count: Int
    switch value {
    case .list(let elements): count = elements.count
    case .table(let table): count = table.rowCount
    case .null: return .null
    default: throw Failure(.usage, "\(value.phrase) has no elements")
    }
    // -1 is the last element.
    let offset = number < 0 ? count + number : number
    guard (0..<count).contains(offset) else {
      throw Failure(
        .missing, "there is no element \(number)",
        hint: "there \(count == 1 ? "is 1 element" : "are \(count) elements"), numbered from 0")
    }
    switch value {
    case .list(let elements): return elements[offset]
    case .table(let table): return .record(table.record(offset))
    default: return .null
    }
  }

  private func call(_ name: String, _ arguments: [Expression], at span: SourceSpan) throws -> Value {
    guard let function = FunctionTable.function(name) else {
      if let value = try callDefinition?(name, arguments.map(evaluate), span) { return value }
      throw FunctionTable.unknown(name, at: span, definitions: definitions)
    }
    if let failure = function.arityFailure(arguments.count, at: span) { throw failure }
    return try function.body(arguments.map(evaluate))
  }

  // MARK: Operators

  private func binary(
    _ operation: BinaryOperator, _ left: Value, _ right: Value, at span: SourceSpan
  ) throws -> Value {
    if operation != .isIn, operation != .matches, Quantity(left) != nil || Quantity(right) != nil {
      return try Quantity.apply(operation, left, right, at: span)
    }
    return switch operation {
    case .equal: .bool(ValueKey(left) == ValueKey(right))
    case .notEqual: .bool(ValueKey(left) != ValueKey(right))
    case .less: .bool(try Self.ordered(left, right) { $0 < 0 })
    case .lessOrEqual: .bool(try Self.ordered(left, right) { $0 <= 0 })
    case .greater: .bool(try Self.ordered(left, right) { $0 > 0 })
    case .greaterOrEqual: .bool(try Self.ordered(left, right) { $0 >= 0 })
    case .isIn: .bool(try Self.contains(right, left))
    case .matches: .bool(try patterns.matches(left, right))
    case .add, .subtract, .multiply, .divide, .remainder, .power:
      try Arithmetic.apply(operation, left, right)
    case .and, .or: .null
    }
  }

  private static func ordered(_ left: Value, _ right: Value, _ holds: (Int) -> Bool) throws -> Bool {
    if left == .null || right == .null { return false }
    guard let order = Ordering.compare(left, right) else {
      throw Failure(
        .usage, "can't compare \(left.phrase) with \(right.phrase)",
        hint: "compare numbers with numbers, text with text"
      )
    }
    return holds(order)
  }

  private static func contains(_ container: Value, _ element: Value) throws -> Bool {
    switch container {
    case .list(let elements):
      let key = ValueKey(element)
      return elements.contains { ValueKey($0) == key }
    case .record(let record): return record.names.contains(element.plainText)
    case .string(let text):
      guard case .string(let part) = element else { return false }
      return part.isEmpty || text.firstRange(of: part) != nil
    case .null: return false
    default: throw Failure(.usage, "`in` needs a list, a record or text, not \(container.phrase)")
    }
  }
}
