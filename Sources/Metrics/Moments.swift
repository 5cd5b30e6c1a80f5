/// Mean, variance and correlation of plain arrays, in two passes.
public enum Moments {
  package static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// - Parameter missing: subtracted from the count in the denominator: 1 for the unbiased estimate, 0 for the mean square.
  package static func variance(_ values: [Double], missing: Int) -> Double {
    let mean = mean(values)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - missing)
  }

  /// Mean product of the deviations.
  static func covariance(_ a: [Double], _ b: [Double]) -> Double {
    let (meanA, meanB) = (mean(a), mean(b))
    return zip(a, b).reduce(0) { $0 + ($1.0 - meanA) * ($1.1 - meanB) } / Double(a.count)
  }

  /// Pearson's correlation; nil where either is constant.
  public static func correlation(_ a: [Double], _ b: [Double]) -> Double? {
    guard !isConstant(a), !isConstant(b) else { return nil }
    let (varianceA, varianceB) = (variance(a, missing: 0), variance(b, missing: 0))
    return covariance(a, b) / (varianceA.squareRoot() * varianceB.squareRoot())
  }

  /// Whether values differ by no more than rounding: means of equal numbers differ in their last bits. Rates are read as
  /// single precision, whose steps are a thousand times larger.
  static func isConstant(_ values: [Double]) -> Bool {
    let largest = values.reduce(0) { max($0, abs($1)) }
    let variance = variance(values, missing: 0)
    return !(variance > 0) || variance.squareRoot() <= 1e-12 * largest
  }
}
