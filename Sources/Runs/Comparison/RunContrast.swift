import Base
import Metrics

/// How runs were compared.
public enum RunComparison: String, Sendable { case paired, unpaired }

/// A difference of scores between groups of runs, with an interval.
struct RunContrast {
  static let level = 0.95

  var effect: Double
  /// Nil where too few runs tell how much they scatter.
  var interval: (lower: Double, upper: Double)?
  /// Pairs; of an unpaired comparison runs.
  var count: Int
  var comparison: RunComparison
  /// Cells that were compared; nil where runs have one score.
  var cells: Int?

  /// Of values that each are a difference of runs that are the same otherwise: Student's interval of their mean.
  init(pairs: [Double]) {
    count = pairs.count
    comparison = .paired
    effect = pairs.reduce(0, +) / Double(pairs.count)
    let squares = pairs.reduce(0) { [effect] in $0 + ($1 - effect) * ($1 - effect) }
    guard count >= 2 else { return }
    let freedom = Double(count - 1)
    interval = Self.interval(effect, error: (squares / freedom / Double(count)).squareRoot(), freedom)
  }

  /// Of groups without pairs: Welch's interval of the sum of their means times `signs`.
  init?(groups: [[Double]], signs: [Double]) {
    guard groups.allSatisfy({ !$0.isEmpty }) else { return nil }
    count = groups.reduce(0) { $0 + $1.count }
    comparison = .unpaired
    effect = 0
    var (variance, weights, isKnown) = (0.0, 0.0, true)
    for (values, sign) in zip(groups, signs) {
      let size = Double(values.count)
      let mean = values.reduce(0, +) / size
      effect += sign * mean
      guard values.count >= 2 else {
        isKnown = false
        continue
      }
      let part = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (size - 1) / size
      variance += part
      weights += part * part / (size - 1)
    }
    guard isKnown else { return }
    let freedom = weights > 0 ? variance * variance / weights : Double(count - groups.count)
    interval = Self.interval(effect, error: variance.squareRoot(), freedom)
  }

  /// Makes it a mean over cells: to what runs scatter, if that is known, comes what differs from cell to cell; the
  /// half-widths of both intervals are added in quadrature on each side. What differs from cell to cell and from run to run
  /// counts in both, so that the interval is a little too wide.
  mutating func add(cells values: [Double]) {
    cells = values.count
    let reach = interval.map { $0.upper - effect } ?? 0
    interval = MeanBounds.interval(of: values).map { own in
      func combined(_ side: Double) -> Double { (side * side + reach * reach).squareRoot() }
      return (effect - combined(effect - own.lower), effect + combined(own.upper - effect))
    }
  }

  private static func interval(_ effect: Double, error: Double, _ freedom: Double) -> (lower: Double, upper: Double) {
    let half = StudentT.value(exceededWith: 1 - Self.level, freedom: freedom) * error
    return (effect - half, effect + half)
  }
}
