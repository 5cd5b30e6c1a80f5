import Base

/// The order of values of the same kind.
package enum Ordering {
  /// Negative, zero or positive; nil where the values can't be ordered.
  package static func compare(_ a: Value, _ b: Value) -> Int? {
    switch (a, b) {
    case (.int(let x), .int(let y)): return x < y ? -1 : x == y ? 0 : 1
    case (.string(let x), .string(let y)): return x < y ? -1 : x == y ? 0 : 1
    case (.bool(let x), .bool(let y)): return x == y ? 0 : x ? 1 : -1
    default:
      guard let x = a.number, let y = b.number, !x.isNaN, !y.isNaN else { return nil }
      return x < y ? -1 : x == y ? 0 : 1
    }
  }
}
