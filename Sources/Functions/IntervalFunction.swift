import Base

/// `ci(mean, x)`: the 95 % interval of a function over columns.
package enum IntervalFunction {
  package static let fields = ["lower", "upper"]
  private static let ofOne = ["mean", "median", "sd", "sum", "min", "max"]
  private static let ofTwo = ["corr"]

  static let all = [
    Function(
      "ci(function, values)", "95 % interval of a function over columns, by bootstrap or ranks: {lower, upper}",
      .column([1, 2]),
      2...3
    ) { try interval($0) }
  ]

  /// The failure for an unknown function or a wrong number of columns; nil where both are right.
  package static func failure(_ name: String, columns: Int, at span: SourceSpan, _ call: SourceSpan) -> Failure? {
    guard (ofOne + ofTwo).contains(name) else {
      return Failure(
        .usage, "ci does not support `\(name)`",
        hint: Suggestion.hint(for: name, among: ofOne + ofTwo)
          ?? "choose one of \((ofOne + ofTwo).joined(separator: ", "))", span: span)
    }
    let wanted = ofTwo.contains(name) ? 2 : 1
    guard columns != wanted else { return nil }
    return Failure(
      .usage, "\(name) takes \(wanted) column\(wanted == 1 ? "" : "s"), not \(columns)",
      hint: "write `ci(\(name), \(wanted == 1 ? "x" : "x, y"))`", span: call)
  }

  /// A mean and a sum by `MeanBounds`, a median by `MedianBounds`, all else by percentiles of resampled values.
  ///
  /// Undefined: both bounds are null with fewer than 12 values (or pairs) that are not null, of a median with fewer than 5.
  private static func interval(_ arguments: [Value]) throws -> Value {
    guard case .string(let name) = arguments[0] else { throw Failure(.usage, "ci needs the name of a function") }
    let place = SourceSpan(source: "", line: 1, column: 1)
    if var failure = failure(name, columns: arguments.count - 1, at: place, place) {
      failure.span = nil
      throw failure
    }
    let columns = try arguments.dropFirst().map { try $0.elements(for: "ci") }
    guard let count = columns.first?.count, columns.allSatisfy({ $0.count == count }) else {
      throw Failure(
        .mismatch,
        "ci needs lists of the same length, not \(columns.map { String($0.count) }.joined(separator: " and "))")
    }
    let numbers = try columns.map { try $0.map { try $0.optionalNumber(for: "ci") } }
    let kept = (0..<count).filter { row in numbers.allSatisfy { $0[row] != nil } }
    let values = numbers.map { column in kept.compactMap { column[$0] } }
    // Many values take seconds: Ctrl-C ends them between two resamples.
    func check() throws { try Cancellation.current?.check() }
    let interval: (lower: Double, upper: Double)?
    switch name {
    case "mean": interval = try MeanBounds.interval(of: values[0], check: check)
    case "sum":
      interval = try MeanBounds.interval(of: values[0], check: check).map {
        (Double(kept.count) * $0.lower, Double(kept.count) * $0.upper)
      }
    case "median": interval = MedianBounds.interval(of: values[0])
    default:
      interval =
        kept.count < MeanBounds.fewest
        ? nil
        : try Bootstrap.interval(of: kept.count) { positions in
          try check()
          return try StatisticsFunctions.value(of: name, values.map { column in positions.map { column[$0] } })
        }
    }
    return .record(
      Record([
        (fields[0], interval.map { Value.defined($0.lower) } ?? .null),
        (fields[1], interval.map { Value.defined($0.upper) } ?? .null),
      ]))
  }
}
