import Base
import Foundation

/// Functions of numbers. Lists are processed element by element; null stays null.
enum MathFunctions {
  static let all = [
    elementwise("abs(x)", "Absolute value") { abs($0) },
    elementwise("sqrt(x)", "Square root") { $0.squareRoot() },
    elementwise("log(x)", "Natural logarithm") { log($0) },
    elementwise("exp(x)", "Exponential") { exp($0) },
    whole("floor(x)", "Rounds down to a whole number") { $0.rounded(.down) },
    whole("ceil(x)", "Rounds up to a whole number") { $0.rounded(.up) },
    Function("round(x, digits)", "Rounds to this number of decimals, default 0", .row, 1...2) {
      let digits = $0.count > 1 ? try $0[1].optionalNumber(for: "round") : 0
      guard let digits else { return .null }
      guard abs(digits) <= 15 else { throw Failure(.usage, "round needs at most 15 digits, not \(digits)") }
      return try mapping($0[0], "round") { number in
        if digits == 0 { return wholeValue(number.rounded(.toNearestOrAwayFromZero)) }
        let scale = pow(10, digits)
        guard digits < 0 || abs(number * scale) < 0x1p52 else { return .defined(number) }
        return .defined((number * scale).rounded(.toNearestOrAwayFromZero) / scale)
      }
    },
    Function("int(x)", "Converts a number or text to a whole number, rounding towards zero", .row, 1...1) {
      if case .string(let text) = $0[0] { return Int(text).map(Value.int) ?? .null }
      return try mapping($0[0], "int") { wholeValue($0.rounded(.towardZero)) }
    },
    Function("float(x)", "Converts a number or text to a number", .row, 1...1) {
      if case .string(let text) = $0[0] { return Double(text).map(Value.defined) ?? .null }
      return try mapping($0[0], "float") { .defined($0) }
    },
  ]

  private static func elementwise(
    _ usage: String, _ summary: String, _ body: @escaping @Sendable (Double) -> Double
  ) -> Function {
    let name = String(usage.prefix { $0 != "(" })
    return Function(usage, summary, .row, 1...1) { arguments in
      try mapping(arguments[0], name) { .defined(body($0)) }
    }
  }

  private static func whole(
    _ usage: String, _ summary: String, _ body: @escaping @Sendable (Double) -> Double
  ) -> Function {
    let name = String(usage.prefix { $0 != "(" })
    return Function(usage, summary, .row, 1...1) { arguments in
      try mapping(arguments[0], name) { wholeValue(body($0)) }
    }
  }

  private static func wholeValue(_ number: Double) -> Value {
    Int(exactly: number).map(Value.int) ?? .defined(number)
  }

  private static func mapping(_ value: Value, _ name: String, _ body: (Double) -> Value) throws -> Value {
    if case .list(let elements) = value { return .list(try elements.map { try mapping($0, name, body) }) }
    guard let number = try value.optionalNumber(for: name) else { return .null }
    // The absolute value of a whole number is a whole number.
    if case .int(let whole) = value, name == "abs", whole != .min { return .int(abs(whole)) }
    return body(number)
  }
}
