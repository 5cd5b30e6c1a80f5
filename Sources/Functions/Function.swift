import Base

/// A function of the language.
public struct Function: Sendable {
  /// How a function uses a column, in `where` and other expressions over columns.
  enum Scope: Sendable, Equatable {
    /// It takes the value of one row.
    case row
    /// It takes the values of all rows, for the arguments at these positions.
    case column(Set<Int>)
    /// With one argument it takes the values of all rows, with several those of one row: `max(a)`, `max(a, b)`.
    case columnIfAlone
  }

  public let name: String
  /// `quantile(values, q)`.
  public let usage: String
  public let summary: String
  let scope: Scope
  let arity: ClosedRange<Int>
  package let body: @Sendable ([Value]) throws -> Value

  init(
    _ usage: String, _ summary: String, _ scope: Scope, _ arity: ClosedRange<Int>,
    _ body: @escaping @Sendable ([Value]) throws -> Value
  ) {
    name = String(usage.prefix { $0 != "(" })
    self.usage = usage
    self.summary = summary
    self.scope = scope
    self.arity = arity
    self.body = body
  }

  /// Whether it takes the values of all rows.
  public var takesColumns: Bool { scope != .row }

  /// Positions of the arguments that take the values of all rows.
  package func columnPositions(argumentCount: Int) -> Set<Int> {
    switch scope {
    case .row: []
    case .column(let positions): positions
    case .columnIfAlone: argumentCount == 1 ? [0] : []
    }
  }

  /// The failure for a wrong number of arguments; nil where the number is right.
  package func arityFailure(_ count: Int, at span: SourceSpan) -> Failure? {
    guard !arity.contains(count) else { return nil }
    let wanted =
      arity.lowerBound == arity.upperBound
      ? "\(arity.lowerBound)"
      : count < arity.lowerBound ? "at least \(arity.lowerBound)" : "at most \(arity.upperBound)"
    return Failure(
      .usage, "\(name) takes \(wanted) argument\(wanted.hasSuffix(" 1") || wanted == "1" ? "" : "s"), not \(count)",
      hint: "usage: \(usage)", span: span)
  }
}

/// Conversions of function arguments, with a failure where they do not fit.
extension Value {
  /// The elements of a list, or the rows of a table.
  package func elements(for function: String) throws -> [Value] {
    switch self {
    case .list(let values): values
    case .null: []
    case .table(let table): (0..<table.rowCount).map { .record(table.record($0)) }
    default: throw Failure(.usage, "\(function) needs a list or a column, not \(phrase)")
    }
  }

  /// The numbers of a list without nulls; true is 1, false 0.
  func numbers(for function: String) throws -> [Double] {
    try elements(for: function).compactMap { try $0.optionalNumber(for: function) }
  }

  func optionalNumber(for function: String) throws -> Double? {
    try Cancellation.current?.check()
    return switch self {
    case .null: nil
    case .bool(let truth): truth ? 1 : 0
    case .int(let whole): Double(whole)
    case .double(let number): number.isNaN ? nil : number
    default: throw Failure(.usage, "\(function) needs numbers, not \(phrase)")
    }
  }

  func text(for function: String) throws -> String {
    guard case .string(let text) = self else { throw Failure(.usage, "\(function) needs text, not \(phrase)") }
    return text
  }

  /// The number, or null where it is not finite.
  package static func defined(_ number: Double) -> Value { number.isFinite ? .double(number) : .null }
}
