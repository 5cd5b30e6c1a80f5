import Foundation

/// Numbers as text, in every style that vcsh writes.
///
/// | style | where | 0.0123456 | 1234.56 |
/// | --- | --- | --- | --- |
/// | `of`, `Format` | tables and reports: four significant digits, the same decimals down a column | 0.01235 | 1235 |
/// | `exact` | files, JSON, text made by a program: reads back as the same number | 0.0123456 | 1234.56 |
/// | `significant` | axis ticks, errors, notes: so many digits, no zeros at the end | 0.0123 | 1.23e+03 |
/// | `sentence` | reports: three significant digits, but never an exponent for a large number | 0.0123 | 1235 |
/// | `fixed` | so many decimals | 0.01 | 1234.56 |
/// | `rounded` | at most so many decimals | 0.012 | 1234.56 |
/// | `threeDigits` | amounts and rates: decimals by size | 0.01 | 1235 |
/// | `percent` | shares | 1.2 % | 123456 % |
/// | `coordinate` | places in a drawing: hundredths, as short as possible | 0.01 | 1234.56 |
public enum NumberText {
  public static let significantDigits = 4

  /// One number by itself, for reading.
  public static func of(_ value: Double) -> String { Format(for: [value]).text(value) }

  /// The shortest text that reads back as the same number.
  public static func exact(_ value: Double) -> String { String(value) }

  /// So many significant digits, without zeros at the end.
  public static func significant(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)g", value) }

  /// Three significant digits, for a sentence; whole from 1000 on.
  public static func sentence(_ value: Double) -> String {
    abs(value) >= 1000 ? fixed(value, decimals: 0) : significant(value == 0 ? 0 : value, digits: 3)
  }

  /// So many decimals.
  public static func fixed(_ value: Double, decimals: Int) -> String {
    let text = String(format: "%.\(decimals)f", value)
    // What rounds to zero has no sign.
    return text.hasPrefix("-") && text.allSatisfy { "-0.".contains($0) } ? String(text.dropFirst()) : text
  }

  /// The number nearest to the value that has at most so many decimals.
  public static func rounded(_ value: Double, decimals: Int) -> String {
    let scale = pow(10, Double(decimals))
    return exact((value * scale).rounded() / scale)
  }

  /// Three digits where the size of the number allows them, with at most so many decimals: `123`, `12.3`, `1.23`,
  /// `0.12`.
  public static func threeDigits(_ value: Double, mostDecimals: Int = 2) -> String {
    let size = abs(value)
    if size == 0 { return "0" }
    let decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.0995 ? 2 : 3
    return fixed(value, decimals: min(decimals, mostDecimals))
  }

  /// A share as a percentage: whole from 10 % on, otherwise with two significant digits.
  public static func percent(_ share: Double) -> String {
    let value = share * 100
    return (abs(value) < 9.95 ? significant(value, digits: 2) : fixed(value, decimals: 0)) + " %"
  }

  /// An amount of storage in a decimal unit: `12.3 MB`.
  public static func bytes(_ count: Int) -> String {
    guard count >= 1000 else { return "\(count) B" }
    let units = [("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12)]
    let (name, factor) = units.last { Double(count) >= $0.1 * 0.9995 } ?? units[0]
    return threeDigits(Double(count) / factor) + " \(name)"
  }

  /// How long something took: `12 ms`, `1.23 s`, `2 min 5 s`, `1 h 3 min`.
  public static func duration(seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "-" }
    if seconds < 0.0995 { return fixed(seconds * 1000, decimals: 0) + " ms" }
    if seconds < 59.95 { return threeDigits(seconds) + " s" }
    let whole = Int(min(seconds, 1e9).rounded())
    return whole < 3600
      ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
  }

  /// Hundredths, without zeros at the end. A number far outside of any drawing, or none, becomes one near it.
  public static func coordinate(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    let hundredths = Int((min(1e6, max(-1e6, value)) * 100).rounded())
    let sign = hundredths < 0 ? "-" : ""
    let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
    if rest == 0 { return "\(sign)\(whole)" }
    return "\(sign)\(whole)." + (rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)")
  }

  /// How one column of numbers is written: with the same decimals in every row.
  ///
  /// A number that these decimals would cut to fewer than two digits keeps digits of its own.
  public struct Format: Sendable {
    private enum Form {
      case whole
      case fixed(Int)
      case scientific
    }

    private let form: Form

    public init(for values: some Sequence<Double>) {
      var largest = 0.0
      var isWhole = true
      for value in values where value.isFinite {
        largest = max(largest, abs(value))
        if value != value.rounded() { isWhole = false }
      }
      if isWhole, largest < 1e15 {
        form = .whole
      } else if largest >= 1e9 || largest < 1e-4 {
        form = .scientific
      } else {
        form = .fixed(max(0, significantDigits - 1 - Int(log10(largest).rounded(.down))))
      }
    }

    public func text(_ value: Double) -> String {
      if value.isNaN { return "nan" }
      if value.isInfinite { return value < 0 ? "-inf" : "inf" }
      if value == 0 { return zero }
      switch form {
      case .whole: return NumberText.fixed(value, decimals: 0)
      case .scientific: return scientific(value, decimals: significantDigits - 1)
      case .fixed(let decimals):
        if abs(value) >= 10 * pow(10, -Double(decimals)) { return NumberText.fixed(value, decimals: decimals) }
        return short(value)
      }
    }

    private var zero: String {
      if case .fixed(let decimals) = form { return NumberText.fixed(0, decimals: decimals) }
      return "0"
    }

    private func scientific(_ value: Double, decimals: Int) -> String { String(format: "%.\(decimals)e", value) }

    private func short(_ value: Double) -> String {
      if abs(value) < 1e-4 { return scientific(value, decimals: 1) }
      if value == value.rounded() { return NumberText.fixed(value, decimals: 0) }
      return NumberText.significant(value, digits: 2)
    }
  }
}
