import Base
import Foundation
import RunLogs

/// Where runs end, told from their first epochs and from other runs of their kind.
///
/// What is predicted is how far the best value moves from the best of the first epochs to the best of all, as a ratio
/// (positive values of which lower is better) or as a difference (all others). A Gaussian process predicts it from the
/// run's length and the level, slope, curvature and roughness of its first epochs. The interval's ends are quantiles
/// 10 % and 90 % of what the same process missed on other runs, each left out in turn, weighted by how close their
/// lengths are.
public struct RunForecast: Sendable {
  /// A run's values of the metric, one an epoch.
  public struct Course: Sendable {
    public var run: String
    /// Runs of one experiment.
    public var group: String
    public var values: [Double]
    /// Epochs that the run has in all.
    public var length: Int

    public init(run: String, group: String, values: [Double], length: Int) {
      (self.run, self.group, self.values, self.length) = (run, group, values, length)
    }
  }

  public struct Row: Sendable {
    public var run: String
    public var epochs: Int
    public var bestSoFar: Double
    public var median: Double
    public var lower: Double
    public var upper: Double
    /// Nil for a run that has not ended.
    public var actual: Double?
    /// Chance that its end is better than the best of the runs before it; nil where there is none.
    public var chanceOfBest: Double?
    /// Whether the median is better, or worse, than the end of every run that the forecast knows.
    public var isExtrapolated = false

    /// `chanceOfBest` for a sentence: a forecast is never certain.
    public var chanceText: String? {
      chanceOfBest.map { $0 < 0.01 ? "below 1 %" : $0 > 0.99 ? "above 99 %" : "\(Int((100 * $0).rounded())) %" }
    }
  }

  /// Fewer runs tell nothing about another.
  public static let fewestRuns = 8
  /// The process grows with the cube of the runs: the others are taken evenly over the lengths.
  static let mostRuns = 700

  private let metric: RankingMetric
  private let after: Int
  private let known: [Course]
  private let isLogarithmic: Bool
  /// Spread of the first values over runs: the unit of differences.
  private let unit: Double
  private let process: GaussianProcess
  private let leftOut: [Double]
  private let moves: [Double]

  /// - Parameters:
  ///   - ended: runs that have ended, whole.
  ///   - after: how many of a run's first epochs the forecast sees.
  ///   - isScored: whether only runs count that have twice as many epochs.
  /// - Throws: `undefined` where too few runs have more epochs than these.
  public init(_ ended: [Course], metric: RankingMetric, after: Int, isScored: Bool = false) throws {
    guard after >= 2 else {
      throw Failure(.usage, "a forecast needs 2 epochs or more, not \(after)", hint: "--after 5")
    }
    var usable = ended.filter { Self.mostEpochs(of: $0, isScored) >= after }
    if usable.count > Self.mostRuns {
      let sorted = usable.sorted { ($0.values.count, $0.run) < ($1.values.count, $1.run) }
      usable = (0..<Self.mostRuns).map { sorted[$0 * sorted.count / Self.mostRuns] }
    }
    guard usable.count >= Self.fewestRuns else {
      let length = isScored ? "at least \(2 * after)" : "more than \(after)"
      // The most epochs that enough runs have.
      let most = ended.map { Self.mostEpochs(of: $0, isScored) }.sorted(by: >).dropFirst(Self.fewestRuns - 1).first ?? 0
      throw Failure(
        .undefined,
        "a forecast of \(metric.name) needs \(Self.fewestRuns) ended runs with \(length) epochs; there \(usable.count == 1 ? "is 1" : "are \(usable.count)")",
        hint: most >= 2
          ? "--after \(most) is the most that these runs allow"
          : ended.count < Self.fewestRuns
            ? "too few of these runs have ended for any --after" : "these runs are too short for any --after")
    }
    self.metric = metric
    self.after = after
    known = usable
    let isLogarithmic = metric.isLowerBetter && usable.allSatisfy { $0.values.allSatisfy { $0 > 0 || !$0.isFinite } }
    let firsts = usable.map { $0.values[0] }
    let mean = firsts.reduce(0, +) / Double(firsts.count)
    let spread = (firsts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(firsts.count)).squareRoot()
    let unit = isLogarithmic || spread < 1e-12 ? 1 : spread
    let scaled = usable.map { Self.scaled($0.values, metric, isLogarithmic, unit) }
    moves = scaled.map { values in (values.filter(\.isFinite).min() ?? 0) - (values.prefix(after).min() ?? 0) }
    let features = zip(usable, scaled).map { Self.features(Array($1.prefix(after)), length: $0.values.count) }
    guard let process = GaussianProcess(features: features, groups: usable.map(\.group), targets: moves) else {
      throw Failure(.undefined, "the runs' first \(after) epochs are too alike for a forecast")
    }
    self.process = process
    (self.isLogarithmic, self.unit) = (isLogarithmic, unit)
    leftOut = process.leftOut()
  }

  /// The most first epochs that a run can be told from.
  private static func mostEpochs(of course: Course, _ isScored: Bool) -> Int {
    let known = course.values.firstIndex { !$0.isFinite } ?? course.values.count
    return min(known, isScored ? course.values.count / 2 : course.values.count - 1)
  }

  /// Lower is better, in units of the forecast.
  private static func scaled(_ values: [Double], _ metric: RankingMetric, _ isLogarithmic: Bool, _ unit: Double)
    -> [Double]
  {
    values.map { isLogarithmic ? log($0) : (metric.isLowerBetter ? $0 : -$0) / unit }
  }

  /// Length, level, slope, curvature, roughness, first and last value.
  private static func features(_ first: [Double], length: Int) -> [Double] {
    let count = Double(first.count)
    let centre = (count - 1) / 2
    let times = first.indices.map { Double($0) - centre }
    let squares = times.reduce(0) { $0 + $1 * $1 }
    let slope = zip(times, first).reduce(0) { $0 + $1.0 * $1.1 } / squares
    let level = squares / count
    let curves = times.map { $0 * $0 - level }
    let curvature = zip(curves, first).reduce(0) { $0 + $1.0 * $1.1 } / max(curves.reduce(0) { $0 + $1 * $1 }, 1e-12)
    let bends = zip(zip(first, first.dropFirst()), first.dropFirst(2)).map { abs($0.0 - 2 * $0.1 + $1) }
    let roughness = log(bends.reduce(0, +) / Double(max(1, bends.count)) + 1e-3)
    let lowest = first.min() ?? 0
    return [log(Double(max(1, length))), lowest, slope, curvature, roughness, first[0], (first.last ?? 0) - lowest]
  }

  /// Each run that has ended, told from its own first epochs, its length and the other runs.
  public func ended() -> [Row] {
    let centres = corrections()
    return known.indices.map { index in
      row(
        known[index], predicted: leftOut[index], leaving: index, centre: centres,
        actual: metric.best(known[index].values))
    }
  }

  /// A run that has not ended: the process knows all others.
  ///
  /// - Throws: `undefined` where it has fewer epochs than `after`, or undefined values among them.
  public func forecast(_ course: Course) throws -> Row {
    let first = Array(course.values.prefix(after))
    guard first.count == after, first.allSatisfy(\.isFinite), !isLogarithmic || first.allSatisfy({ $0 > 0 }) else {
      throw Failure(
        .undefined, "\(course.run.shortened): its first \(after) epochs have no \(metric.name)",
        hint: "it has \(course.values.count) epochs; --after \(max(2, course.values.count)) tells fewer")
    }
    let features = Self.features(Self.scaled(first, metric, isLogarithmic, unit), length: course.length)
    return row(
      course, predicted: process.prediction(features, group: course.group), leaving: nil, centre: corrections(),
      actual: nil)
  }

  /// What the process missed on each run that it did not know.
  private func corrections() -> [Double] { zip(moves, leftOut).map { $0 - $1 } }

  private func row(_ course: Course, predicted: Double, leaving: Int?, centre misses: [Double], actual: Double?) -> Row
  {
    let bestSoFar = metric.best(course.values.prefix(actual == nil ? course.values.count : after)) ?? .nan
    let base = Self.scaled([metric.best(course.values.prefix(after)) ?? .nan], metric, isLogarithmic, unit)[0]
    let place = log(Double(max(1, course.length)))
    let weighted = known.indices.filter { $0 != leaving }.map { index -> (value: Double, weight: Double) in
      let distance = abs(log(Double(known[index].values.count)) - place) / 0.5
      return (misses[index], exp(-distance) * (known[index].group == course.group ? 1 : 0.3))
    }
    .sorted { $0.value < $1.value }
    func end(_ share: Double) -> Double {
      let move = predicted + WeightedQuantile.of(weighted, share)
      // No move is exactly none, whatever a logarithm rounds.
      guard move < 0 else { return bestSoFar }
      let best = unscaled(base + move)
      return metric.isBetter(bestSoFar, than: best) ? bestSoFar : best
    }
    let (better, worse) = (end(0.1), end(0.9))
    var row = Row(
      run: course.run, epochs: course.length, bestSoFar: bestSoFar, median: end(0.5), lower: min(better, worse),
      upper: max(better, worse), actual: actual)
    let ends = known.indices.filter { $0 != leaving }.compactMap { metric.best(known[$0].values) }
    let median = row.median
    row.isExtrapolated =
      ends.allSatisfy { metric.isBetter(median, than: $0) } || ends.allSatisfy { metric.isBetter($0, than: median) }
    if let best = metric.best(ends) {
      let needed = Self.scaled([best], metric, isLogarithmic, unit)[0] - base - predicted
      let total = weighted.reduce(0) { $0 + $1.weight }
      let below = weighted.filter { $0.value < needed }.reduce(0) { $0 + $1.weight }
      row.chanceOfBest = metric.isBetter(bestSoFar, than: best) ? 1 : below / max(total, 1e-300)
    }
    return row
  }

  private func unscaled(_ value: Double) -> Double {
    isLogarithmic ? exp(value) : (metric.isLowerBetter ? value : -value) * unit
  }
}

/// Quantiles of weighted values.
enum WeightedQuantile {
  /// - Parameter sorted: ascending by value.
  static func of(_ sorted: [(value: Double, weight: Double)], _ share: Double) -> Double {
    let total = sorted.reduce(0) { $0 + $1.weight }
    guard let first = sorted.first, total > 0 else { return 0 }
    var (before, place, value) = (0.0, -1.0, first.value)
    for entry in sorted {
      let next = (before + entry.weight / 2) / total
      if next >= share {
        guard place >= 0, next > place else { return entry.value }
        return value + (entry.value - value) * (share - place) / (next - place)
      }
      (before, place, value) = (before + entry.weight, next, entry.value)
    }
    return value
  }
}
