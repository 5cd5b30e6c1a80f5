import Base

/// How good forecasts of ended runs were.
public struct ForecastScore: Sendable {
  public let runs: Int
  /// Mean absolute error of the median over that of `best_so_far`.
  public let errorRatio: Double
  /// Share of the ends that lie in the intervals.
  public let coverage: Double

  /// - Returns: nil where no run has ended, or none has moved.
  public init?(_ rows: [RunForecast.Row]) {
    let ended = rows.compactMap { row in row.actual.map { (row, $0) } }
    let still = ended.reduce(0) { $0 + abs($1.0.bestSoFar - $1.1) }
    guard !ended.isEmpty, still > 0 else { return nil }
    runs = ended.count
    errorRatio = ended.reduce(0) { $0 + abs($1.0.median - $1.1) } / still
    coverage = Double(ended.count { $0.1 >= $0.0.lower && $0.1 <= $0.0.upper }) / Double(ended.count)
  }

  public var text: String {
    "\(runs) ended runs: the median's error is \(NumberText.significant(errorRatio, digits: 2)) of that of best_so_far, the intervals hold \(NumberText.significant(100 * coverage, digits: 3)) % of the ends"
  }
}
