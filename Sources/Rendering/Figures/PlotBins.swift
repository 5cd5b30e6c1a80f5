import Foundation

/// Bins of equal width over finite numbers. Where the number of bins is free, their edges are round numbers.
///
/// - Source: width by Freedman and Diaconis (1981), 2 IQR / n^(1/3), then rounded to 1, 2 or 5 times a power of ten.
struct PlotBins {
  let low: Double
  let width: Double
  let count: Int

  private static let limits = 8.0...60.0

  init(_ values: [Double], count wanted: Int?, isWhole: Bool) {
    let sorted = values.map { min(AxisScale.limit, max(-AxisScale.limit, $0)) }.sorted()
    guard var low = sorted.first, var high = sorted.last else {
      (self.low, width, count) = (0, 1, 1)
      return
    }
    if high - low <= max(abs(low), abs(high)) * 1e-9 {
      let margin = isWhole ? 0.5 : low == 0 ? 0.5 : abs(low) / 2
      low -= margin
      high += margin
      if wanted == nil {
        (self.low, width, count) = (low, high - low, 1)
        return
      }
    }
    if let wanted {
      (self.low, width, count) = (low, (high - low) / Double(wanted), wanted)
      return
    }
    let spread = sorted[sorted.count * 3 / 4] - sorted[sorted.count / 4]
    let rough = 2 * spread / pow(Double(sorted.count), 1 / 3)
    let ideal = rough > 0 ? (high - low) / rough : log2(Double(sorted.count)) + 1
    let bins = min(Self.limits.upperBound, max(Self.limits.lowerBound, ideal.rounded(.up)))
    var step = AxisScale.niceStep((high - low) / bins)
    // Whole numbers lie in the middle of their bins.
    if isWhole { step = max(1, step.rounded()) }
    let first = isWhole ? low - 0.5 : (low / step + 1e-9).rounded(.down) * step
    self.low = first
    width = step
    count = min(1000, max(1, Int(((high - first) / step - (isWhole ? 0 : 1e-9)).rounded(.up))))
  }

  /// The bin of a value; the last bin includes its upper edge.
  func index(_ value: Double) -> Int {
    let place = (value - low) / width
    return place.isFinite ? min(count - 1, max(0, Int(min(Double(count), max(0, place)).rounded(.down)))) : 0
  }
}
