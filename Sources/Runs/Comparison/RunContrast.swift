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

  private static func interval(_ effect: Double, error: Double, _ freedom: Double) -> (lower: Double, upper: Double) {
    let half = StudentT.value(exceededWith: 1 - Self.level, freedom: freedom) * error
    return (effect - half, effect + half)
  }
}
