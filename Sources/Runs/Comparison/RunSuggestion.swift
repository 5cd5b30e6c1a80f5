import Base
import Foundation

/// Which combination of settings to run next.
///
/// A random forest tells score and hours of combinations that were not run from those that were. A combination is worth its
/// expected improvement over the best run, E[max(0, improvement)] of a normal distribution with the trees' mean and spread,
/// for each hour. Source: Jones, Schonlau and Welch 1998; Hutter, Hoos and Leyton-Brown 2011.
public struct RunSuggestion: Sendable {
  public struct Row: Sendable {
    /// In the order of `settings`.
    public var levels: [SettingLevel]
    public var expected: Double
    public var deviation: Double
    public var improvement: Double
    /// Nil where the runs' logs tell no times.
    public var hours: Double?
    /// Improvement an hour; without hours the improvement.
    public var worth: Double
  }

  /// Fewer runs tell nothing about another combination.
  public static let fewestRuns = 6
  private static let mostCandidates = 4000
  private static let seed: UInt32 = 1002

  public let settings: [String]
  /// The best first; none where every combination was run.
  public let rows: [Row]
  /// Mean worth of all combinations that were not run: what a random choice would give.
  public let randomWorth: Double
  /// Correlation of the scores with what the forest says of each run from the others; nil where it is undefined.
  public let correlation: Double?
  public let best: Double

  /// - Parameter hours: of a run; nil where its log does not say.
  /// - Throws: `undefined` where too few runs or settings are there.
  public init(_ runs: ComparedRuns, axes asked: [String]? = nil, hours: (String) -> Double?) throws {
    guard Set(runs.entries.map(\.data)).count == 1 else {
      throw Failure(
        .undefined,
        "the runs were trained or scored on different data: \(Set(runs.entries.map(\.data)).sorted().prefix(3).joined(separator: "; "))",
        hint: "open those of one kind with --glob")
    }
    for axis in asked ?? [] where !runs.settings.contains(axis) {
      throw Failure(
        .missing, "no setting `\(axis)` varies among the runs", hint: Suggestion.hint(for: axis, among: runs.settings))
    }
    let settings = asked ?? MatchedRuns(runs.entries, runs, asked: nil).axes
    let entries = runs.entries.filter { entry in settings.allSatisfy { entry.levels[$0] != nil } }
    guard entries.count >= Self.fewestRuns, !settings.isEmpty else {
      throw Failure(
        .undefined,
        "a suggestion needs \(Self.fewestRuns) runs with settings that vary; there \(entries.count == 1 ? "is 1" : "are \(entries.count)")"
      )
    }
    self.settings = settings
    let columns = settings.map { name in Column(entries.compactMap { $0.levels[name] }) }
    let sign = runs.metric.isLowerBetter ? -1.0 : 1.0
    func features(_ levels: [SettingLevel]) -> [Double] { zip(columns, levels).map { $0.feature($1) } }
    let known = entries.map { entry in settings.compactMap { entry.levels[$0] } }
    var generator = NumpyGenerator(seed: Self.seed)
    let scores = entries.map { sign * $0.score }
    let forest = RandomForest(known.map(features), scores, generator: &generator)
    correlation = Self.correlation(scores, forest.leftOut)
    let timed = zip(known, entries).compactMap { levels, entry in
      hours(entry.run).flatMap { $0.isFinite && $0 > 0 ? (features(levels), $0) : nil }
    }
    let clock =
      timed.count >= Self.fewestRuns ? RandomForest(timed.map(\.0), timed.map(\.1), generator: &generator) : nil
    let most = scores.max() ?? 0
    best = sign * most
    let ran = Set(known.map { $0.map(\.text) })
    let candidates = Self.candidates(columns, &generator).filter { !ran.contains($0.map(\.text)) }
    var rows = candidates.map { levels -> Row in
      let place = features(levels)
      let (mean, deviation) = forest.prediction(place)
      let improvement = Self.improvement(mean - most, deviation)
      let hours = clock?.prediction(place).mean
      return Row(
        levels: levels, expected: sign * mean, deviation: deviation, improvement: improvement, hours: hours,
        worth: improvement / (hours ?? 1))
    }
    randomWorth = rows.isEmpty ? 0 : rows.reduce(0) { $0 + $1.worth } / Double(rows.count)
    rows.sort {
      $0.worth == $1.worth
        ? $0.levels.map(\.text).lexicographicallyPrecedes($1.levels.map(\.text)) : $0.worth > $1.worth
    }
    self.rows = rows
  }

  /// E[max(0, x)] of a normal distribution.
  static func improvement(_ mean: Double, _ deviation: Double) -> Double {
    guard deviation > 0 else { return max(0, mean) }
    let z = mean / deviation
    return mean * 0.5 * erfc(-z / 2.0.squareRoot()) + deviation * exp(-z * z / 2) / (2 * Double.pi).squareRoot()
  }

  /// One setting as a number: numbers by their order of magnitude where they span one, names by their place.
  private struct Column {
    let levels: [SettingLevel]
    private let isLogarithmic: Bool
    private let isNumber: Bool

    init(_ values: [SettingLevel]) {
      levels = Set(values).sorted()
      isNumber = levels.allSatisfy { $0.number != nil }
      let numbers = levels.compactMap(\.number)
      isLogarithmic = isNumber && (numbers.first ?? 0) > 0 && (numbers.last ?? 0) >= 10 * (numbers.first ?? 1)
    }

    func feature(_ level: SettingLevel) -> Double {
      guard isNumber, let number = level.number else { return Double(levels.firstIndex(of: level) ?? -1) }
      return isLogarithmic ? log(number) : number
    }
  }

  /// Combinations of the levels that were run: all, or a random part of them.
  private static func candidates(_ columns: [Column], _ generator: inout NumpyGenerator) -> [[SettingLevel]] {
    let count = columns.reduce(1.0) { $0 * Double($1.levels.count) }
    if count <= Double(mostCandidates) {
      return columns.reduce([[]]) { part, column in part.flatMap { start in column.levels.map { start + [$0] } } }
    }
    return (0..<mostCandidates).map { _ in columns.map { $0.levels[generator.integer(below: $0.levels.count)] } }
  }

  private static func correlation(_ scores: [Double], _ told: [Double?]) -> Double? {
    let pairs = zip(scores, told).compactMap { score, told in told.map { (score, $0) } }
    guard pairs.count >= 3 else { return nil }
    let count = Double(pairs.count)
    let (a, b) = (pairs.reduce(0) { $0 + $1.0 } / count, pairs.reduce(0) { $0 + $1.1 } / count)
    let (aa, bb, ab) = pairs.reduce((0.0, 0.0, 0.0)) { sums, pair in
      let (x, y) = (pair.0 - a, pair.1 - b)
      return (sums.0 + x * x, sums.1 + y * y, sums.2 + x * y)
    }
    return aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : nil
  }
}
