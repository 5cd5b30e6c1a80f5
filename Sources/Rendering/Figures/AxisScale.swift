import Base
import Foundation

/// The range of one axis and its tick marks at 1, 2 or 5 times a power of ten.
///
/// A logarithmic axis covers decimal logarithms; its tick labels show the numbers themselves.
package struct AxisScale: Equatable {
  /// Values are limited to this size: differences of larger numbers overflow.
  static let limit = 1e300

  package let low: Double
  package let high: Double
  package let ticks: [Double]
  private let decimals: Int?
  /// Significant digits of labels without `decimals`.
  private let digits: Int
  private let isLogarithmic: Bool

  /// An axis over the finite ones among `values`; nil where there is none.
  ///
  /// - Parameters:
  ///   - includesZero: extends the axis to zero, for bars.
  ///   - isRounded: extends the axis to ticks at both ends.
  package init?(_ values: some Sequence<Double>, includesZero: Bool = false, isRounded: Bool, tickCount: Int) {
    var low = Double.infinity
    var high = -Double.infinity
    for value in values where value.isFinite {
      low = min(low, max(-Self.limit, value))
      high = max(high, min(Self.limit, value))
    }
    guard low <= high else { return nil }
    if includesZero {
      low = min(low, 0)
      high = max(high, 0)
    }
    if high - low <= max(abs(low), abs(high)) * 1e-9 {
      let margin = low == 0 ? 1 : abs(low) / 2
      low -= margin
      high += margin
    }
    let step = Self.niceStep((high - low) / Double(max(1, tickCount)))
    guard step.isNormal else { return nil }
    if isRounded {
      low = (low / step).rounded(.down) * step
      high = (high / step).rounded(.up) * step
    }
    let first = (low / step - 1e-9).rounded(.up)
    let last = (high / step + 1e-9).rounded(.down)
    self.low = low
    self.high = high
    ticks = last - first < 100 ? stride(from: first, through: last, by: 1).map { $0 * step } : [low, high]
    let places = Int(-log10(step).rounded(.down))
    decimals = max(abs(low), abs(high)) < 1e6 && places <= 6 ? max(0, places) : nil
    isLogarithmic = false
    digits = Self.digits(telling: ticks)
  }

  /// An axis over the finite ones among `logarithms`, with ticks at powers of ten or at 1, 2 and 5 times them; nil where there
  /// is none.
  package init?(logarithms: some Sequence<Double>, isRounded: Bool, tickCount: Int) {
    var low = Double.infinity
    var high = -Double.infinity
    for value in logarithms where value.isFinite {
      low = min(low, value)
      high = max(high, value)
    }
    guard low <= high else { return nil }
    if high - low < 1e-9 {
      low -= 0.5
      high += 0.5
    }
    let stride = max(1, ((high - low) / Double(max(1, tickCount))).rounded(.up))
    let factors = high - low < 2 ? [0, 0.30102999566398120, 0.69897000433601880] : [0]
    let first = (low / stride).rounded(.down) * stride - stride
    let marks = Swift.stride(from: first, through: high + 2 * stride, by: stride).flatMap { decade in
      factors.map { decade + $0 }
    }
    if isRounded {
      low = marks.last { $0 <= low + 1e-9 } ?? low
      high = marks.first { $0 >= high - 1e-9 } ?? high
    }
    var ticks = marks.filter { $0 >= low - 1e-9 && $0 <= high + 1e-9 }
    if ticks.count < 2, let linear = AxisScale([pow(10, low), pow(10, high)], isRounded: false, tickCount: tickCount) {
      ticks = linear.ticks.filter { $0 > 0 }.map { log10($0) }
    }
    self.low = low
    self.high = high
    self.ticks = ticks
    decimals = nil
    isLogarithmic = true
    digits = Self.digits(telling: ticks.map { pow(10, $0) })
  }

  /// 0 at the low end, 1 at the high end.
  package func position(_ value: Double) -> Double { (value - low) / (high - low) }

  package func label(_ value: Double) -> String {
    if isLogarithmic { return NumberText.significant(pow(10, value), digits: digits) }
    // On an axis that starts below zero, the tick at zero is computed as -0.
    let value = value == 0 ? 0 : value
    return decimals.map { NumberText.fixed(value, decimals: $0) } ?? NumberText.significant(value, digits: digits)
  }

  /// Significant digits, at least four, at which the labels of `ticks` differ.
  private static func digits(telling ticks: [Double]) -> Int {
    (4...17).first { digits in
      Set(ticks.map { NumberText.significant($0, digits: digits) }).count == Set(ticks).count
    } ?? 17
  }

  static func niceStep(_ rough: Double) -> Double {
    let magnitude = pow(10, log10(rough).rounded(.down))
    let factor = rough / magnitude
    return magnitude * (factor <= 1.0001 ? 1 : factor <= 2.0001 ? 2 : factor <= 5.0001 ? 5 : 10)
  }
}
