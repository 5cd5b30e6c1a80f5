import Foundation

/// Numbers for reading: four significant digits, whole numbers plain, the same decimals down a column.
///
/// Magnitude is never lost: a number that the column's decimals would flatten keeps digits of its own.
public enum NumberText {
  public static let significantDigits = 4

  /// One number by itself.
  public static func of(_ value: Double) -> String { Format(for: [value]).text(value) }

  /// How one column of numbers is written.
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
      case .whole: return String(format: "%.0f", value)
      case .scientific: return scientific(value)
      case .fixed(let decimals):
        // Two digits at least must survive the column's decimals.
        if abs(value) >= 10 * pow(10, -Double(decimals)) { return String(format: "%.\(decimals)f", value) }
        return scientificOrShort(value)
      }
    }

    private var zero: String {
      if case .fixed(let decimals) = form { return String(format: "%.\(decimals)f", 0.0) }
      return "0"
    }

    private func scientific(_ value: Double) -> String { String(format: "%.\(significantDigits - 1)e", value) }

    private func scientificOrShort(_ value: Double) -> String {
      if abs(value) < 1e-4 { return String(format: "%.1e", value) }
      if value == value.rounded() { return String(format: "%.0f", value) }
      return String(format: "%.2g", value)
    }
  }
}
