/// Mean, median, variance and correlation of plain arrays, in two passes.
public enum Moments {
  static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// - Parameter missing: degrees of freedom taken off the count.
  static func variance(_ values: [Double], missing: Int) -> Double {
    let mean = mean(values)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - missing)
  }

  /// Mean product of the deviations.
  static func covariance(_ a: [Double], _ b: [Double]) -> Double {
    let (meanA, meanB) = (mean(a), mean(b))
    return zip(a, b).reduce(0) { $0 + ($1.0 - meanA) * ($1.1 - meanB) } / Double(a.count)
  }

  /// nil where either is constant.
  public static func correlation(_ a: [Double], _ b: [Double]) -> Double? {
    let (varianceA, varianceB) = (variance(a, missing: 0), variance(b, missing: 0))
    guard varianceA > 0, varianceB > 0 else { return nil }
    return covariance(a, b) / (varianceA.squareRoot() * varianceB.squareRoot())
  }

  /// nil for no values.
  public static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}
