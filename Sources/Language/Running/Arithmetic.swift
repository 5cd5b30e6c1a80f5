import Base
import Foundation
import Functions

/// Arithmetic with null, with whole numbers, and with lists, element by element.
enum Arithmetic {
  /// - Throws: a usage failure where an operand is not a number, a mismatch where lists differ in length.
  static func apply(_ operation: BinaryOperator, _ left: Value, _ right: Value) throws -> Value {
    switch (left, right) {
    case (.list(let a), .list(let b)):
      if operation == .add {
        try ValueSize.admit(joined: a.count + b.count)
        return .list(a + b)
      }
      guard a.count == b.count else {
        throw Failure(
          .mismatch, "lists of \(a.count) and \(b.count) elements can't be combined by `\(operation.rawValue)`")
      }
      try ValueSize.admit(elements: a.count)
      return .list(try zip(a, b).map { try checked(operation, $0, $1) })
    case (.list(let a), _):
      try ValueSize.admit(elements: a.count)
      return .list(try a.map { try checked(operation, $0, right) })
    case (_, .list(let b)):
      try ValueSize.admit(elements: b.count)
      return .list(try b.map { try checked(operation, left, $0) })
    case (.null, _), (_, .null): return .null
    case (.string(let a), .string(let b)) where operation == .add:
      try ValueSize.admit(text: a.utf8.count + b.utf8.count)
      return .string(a + b)
    case (.int(let a), .int(let b)):
      if let whole = whole(operation, a, b) { return .int(whole) }
      return .defined(real(operation, Double(a), Double(b)))
    default:
      guard let a = left.number, let b = right.number else { throw notNumbers(operation, left, right) }
      return .defined(real(operation, a, b))
    }
  }

  /// One element of a long list: Ctrl-C ends the whole.
  private static func checked(_ operation: BinaryOperator, _ left: Value, _ right: Value) throws -> Value {
    try Cancellation.current?.check()
    return try apply(operation, left, right)
  }

  static func negated(_ value: Value) throws -> Value {
    switch value {
    case .null: return .null
    case .int(let whole): return whole == .min ? .double(-Double(whole)) : .int(-whole)
    case .double(let number): return .double(-number)
    case .list(let elements): return .list(try elements.map(negated))
    default: throw Failure(.usage, "can't negate \(value.phrase)")
    }
  }

  /// The result as a whole number, where it is one that fits into 64 bits.
  private static func whole(_ operation: BinaryOperator, _ a: Int, _ b: Int) -> Int? {
    let result: (partialValue: Int, overflow: Bool)
    switch operation {
    case .add: result = a.addingReportingOverflow(b)
    case .subtract: result = a.subtractingReportingOverflow(b)
    case .multiply: result = a.multipliedReportingOverflow(by: b)
    case .remainder:
      guard b != 0 else { return nil }
      result = a.remainderReportingOverflow(dividingBy: b)
      // The remainder has the divisor's sign.
      if !result.overflow, result.partialValue != 0, (result.partialValue < 0) != (b < 0) {
        return result.partialValue + b
      }
    case .power: return wholePower(a, b)
    default: return nil
    }
    return result.overflow ? nil : result.partialValue
  }

  private static func wholePower(_ base: Int, _ exponent: Int) -> Int? {
    guard (0...64).contains(exponent) else { return nil }
    var result = 1
    for _ in 0..<exponent {
      let (next, overflow) = result.multipliedReportingOverflow(by: base)
      if overflow { return nil }
      result = next
    }
    return result
  }

  private static func real(_ operation: BinaryOperator, _ a: Double, _ b: Double) -> Double {
    switch operation {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .remainder: a - (a / b).rounded(.down) * b
    default: pow(a, b)
    }
  }

  private static func notNumbers(_ operation: BinaryOperator, _ left: Value, _ right: Value) -> Failure {
    let culprit = left.number == nil ? left : right
    return Failure(
      .usage, "`\(operation.rawValue)` needs numbers, not \(culprit.phrase)",
      hint: operation == .add ? "join texts in double quotes: \"$a$b\"" : nil)
  }
}
