import Base

/// Assertions, with the values that did not fit.
extension Interpreter {
  func assert(_ condition: Expression, message: Expression?) throws {
    guard try !truth(of: condition) else { return }
    var hint: String?
    if case .binary(let operation, let left, let right) = condition.kind, operation.isComparison {
      // The sides are evaluated again only if that runs no command.
      if !left.runsCommands, !right.runsCommands, let a = try? evaluate(left), let b = try? evaluate(right) {
        hint = Self.values([(left, a), (right, b)])
      }
    }
    let text = try message.map { try evaluate($0).plainText }
    throw Failure(
      .assertion, text ?? "assertion failed: \(Printer.print(condition))", hint: hint, span: condition.span)
  }

  /// The values of the sides that are not literals: `mean($s.r) is 0.0944`.
  private static func values(_ sides: [(expression: Expression, value: Value)]) -> String? {
    let rounded = sides.map { shown($0.value) { NumberText.of($0) } }
    // Numbers that differ only in later digits are shown exactly.
    let isExact = Set(rounded).count < rounded.count
    let texts = isExact ? sides.map { shown($0.value, number: NumberText.exact) } : rounded
    let known = zip(sides, texts).compactMap { side, text in
      side.expression.isLiteral ? nil : "\(Printer.print(side.expression)) is \(text)"
    }
    return known.isEmpty ? nil : known.joined(separator: ", ")
  }

  private static func shown(_ value: Value, number: (Double) -> String) -> String {
    switch value {
    case .null: "null"
    case .double(let double): number(double)
    default: Quantity(value)?.text ?? value.plainText
    }
  }
}

extension Expression {
  /// Whether it is a written value.
  fileprivate var isLiteral: Bool {
    switch kind {
    case .null, .bool, .int, .double: true
    case .quantity(let number, _), .unary(.negate, let number): number.isLiteral
    case .text, .word: plainText != nil
    default: false
    }
  }
}
