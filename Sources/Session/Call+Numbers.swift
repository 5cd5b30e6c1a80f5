import Base
import Language

extension Call {
  /// A whole number after a flag.
  ///
  /// - Throws: a usage failure below `lowest`.
  package func count(_ flag: String, from lowest: Int) throws -> Int {
    let value = try int(flag)
    guard value >= lowest else {
      throw Failure(.usage, "--\(flag) must be at least \(lowest)", span: span(of: flag))
    }
    return value
  }

  /// A finite number after a flag.
  ///
  /// - Throws: a usage failure for any other.
  package func number(_ flag: String, above: Double = -.infinity, from: Double = -.infinity) throws -> Double {
    let value = try float(flag)
    guard value.isFinite, value > above, value >= from else {
      throw Failure(
        .usage, "--\(flag) must be a number \(above == 0 ? "above 0" : "from 0 upward")", span: span(of: flag))
    }
    return value
  }

  /// A whole number after a flag.
  ///
  /// - Throws: a usage failure outside of the range.
  package func count(_ flag: String, in range: ClosedRange<Int>) throws -> Int {
    try within(range, flag, int(flag))
  }

  /// The same for a flag that may be left out.
  package func optionalCount(_ flag: String, in range: ClosedRange<Int>) throws -> Int? {
    try optionalInt(flag).map { try within(range, flag, $0) }
  }

  private func within(_ range: ClosedRange<Int>, _ flag: String, _ value: Int) throws -> Int {
    guard range.contains(value) else {
      throw Failure(
        .usage, "--\(flag) \(value) is out of range", hint: "from \(range.lowerBound) to \(range.upperBound)",
        span: span(of: flag))
    }
    return value
  }
}
