import Base
import Foundation

/// Functions over the values of a column or list. Nulls are left out; an undefined result is null.
enum StatisticsFunctions {
  static let all = [
    Function("mean(values)", "Arithmetic mean", .column([0]), 1...1) { try mean($0[0].numbers(for: "mean")) },
    Function("median(values)", "Median", .column([0]), 1...1) {
      quantile(try $0[0].numbers(for: "median"), 0.5)
    },
    Function("sd(values)", "Standard deviation, with n - 1", .column([0]), 1...1) {
      try sd($0[0].numbers(for: "sd"))
    },
    Function("quantile(values, q)", "Quantile for a share q from 0 to 1, linear between ranks", .column([0]), 2...2) {
      let q = try $0[1].optionalNumber(for: "quantile")
      guard let q else { return .null }
      guard (0...1).contains(q) else { throw Failure(.usage, "quantile needs q between 0 and 1, not \(q)") }
      return quantile(try $0[0].numbers(for: "quantile"), q)
    },
    Function("min(values)", "Smallest value, of a column or of several arguments", .columnIfAlone, 1...64) {
      try extreme($0, "min") { $0 < $1 }
    },
    Function("max(values)", "Largest value, of a column or of several arguments", .columnIfAlone, 1...64) {
      try extreme($0, "max") { $0 > $1 }
    },
    Function("sum(values)", "Sum; true counts as 1", .column([0]), 1...1) { try sum($0[0]) },
    Function(
      "count(values)", "Number of values that are not null; without arguments, number of rows", .column([0]), 1...1
    ) {
      .int(try $0[0].elements(for: "count").count { $0 != .null })
    },
    Function("corr(a, b)", "Pearson correlation over the pairs without null", .column([0, 1]), 2...2) {
      try correlation($0[0].elements(for: "corr"), $0[1].elements(for: "corr"))
    },
  ]

  /// The result of a function for plain columns; nil where it is undefined, or where there is no such function.
  static func value(of name: String, _ columns: [[Double]]) throws -> Double? {
    guard let first = columns.first else { return nil }
    switch name {
    case "mean": return mean(first).number
    case "median": return quantile(first, 0.5).number
    case "sd": return sd(first).number
    case "sum": return first.reduce(0, +)
    case "min": return first.min()
    case "max": return first.max()
    case "corr" where columns.count == 2: return correlation(Array(zip(first, columns[1]))).number
    default: return nil
    }
  }

  private static func mean(_ values: [Double]) -> Value {
    values.isEmpty ? .null : .defined(values.reduce(0, +) / Double(values.count))
  }

  private static func sd(_ values: [Double]) -> Value {
    guard values.count > 1 else { return .null }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return .defined((squares / Double(values.count - 1)).squareRoot())
  }

  private static func quantile(_ values: [Double], _ q: Double) -> Value {
    Quantile.of(values, share: q).map(Value.defined) ?? .null
  }

  private static func sum(_ value: Value) throws -> Value {
    let elements = try value.elements(for: "sum")
    var whole: Int? = 0
    var total = 0.0
    for element in elements {
      guard let number = try element.optionalNumber(for: "sum") else { continue }
      total += number
      if case .double = element { whole = nil }
      if let partial = whole, let step = Int(exactly: number) {
        let (next, overflow) = partial.addingReportingOverflow(step)
        whole = overflow ? nil : next
      }
    }
    return whole.map(Value.int) ?? .defined(total)
  }

  private static func extreme(
    _ arguments: [Value], _ name: String, _ wins: (Double, Double) -> Bool
  ) throws -> Value {
    let candidates = arguments.count == 1 ? try arguments[0].elements(for: name) : arguments
    var best: (value: Value, number: Double)?
    for candidate in candidates {
      guard let number = try candidate.optionalNumber(for: name) else { continue }
      if best.map({ wins(number, $0.number) }) ?? true { best = (candidate, number) }
    }
    return best?.value ?? .null
  }

  private static func correlation(_ a: [Value], _ b: [Value]) throws -> Value {
    guard a.count == b.count else {
      throw Failure(.mismatch, "corr needs lists of the same length, not \(a.count) and \(b.count)")
    }
    var pairs: [(Double, Double)] = []
    for (x, y) in zip(a, b) {
      guard let x = try x.optionalNumber(for: "corr"), let y = try y.optionalNumber(for: "corr") else { continue }
      pairs.append((x, y))
    }
    return correlation(pairs)
  }

  private static func correlation(_ pairs: [(Double, Double)]) -> Value {
    let count = Double(pairs.count)
    let meanX = pairs.reduce(0) { $0 + $1.0 } / count
    let meanY = pairs.reduce(0) { $0 + $1.1 } / count
    var xx = 0.0
    var yy = 0.0
    var xy = 0.0
    for (x, y) in pairs {
      xx += (x - meanX) * (x - meanX)
      yy += (y - meanY) * (y - meanY)
      xy += (x - meanX) * (y - meanY)
    }
    return .defined(xy / (xx * yy).squareRoot())
  }
}
