import Base

/// The mean of numbers, one a cell, with a bootstrap interval.
///
/// Formula: the mean of the groups' means, each over its cells (one group: the plain mean). Resamples draw cells with
/// replacement within each group, so a group keeps its weight; percentiles `(1 - level) / 2` and `(1 + level) / 2`, linear
/// between ranks.
/// Undefined: no interval for fewer than two values; no mean for none.
/// Source: Efron and Tibshirani 1993, the percentile interval, stratified.
public struct MeanInterval: Sendable, Equatable {
  public var mean: Double
  public var lower: Double?
  public var upper: Double?
  public var count: Int

  /// - Parameter groups: what each value belongs to (a session, a subject); one group where nil.
  public init?(_ values: [Double], groups: [String]? = nil, seed: UInt32 = Bootstrap.seed) {
    precondition(groups.map { $0.count == values.count } ?? true, "one group a value")
    guard !values.isEmpty else { return nil }
    let groups = groups ?? [String](repeating: "", count: values.count)
    let names = Set(groups).sorted()
    let members = names.map { name in values.indices.filter { groups[$0] == name } }
    count = values.count
    mean = Self.mean(members.map { $0.map { values[$0] } })
    guard members.contains(where: { $0.count > 1 }) else { return }
    let interval = Bootstrap.interval(seed: seed) { generator in
      Self.mean(
        members.map { group in group.map { _ in values[group[Bootstrap.draw(below: group.count, &generator)]] } })
    }
    lower = interval?.lower
    upper = interval?.upper
  }

  private static func mean(_ groups: [[Double]]) -> Double {
    groups.reduce(0) { $0 + Moments.mean($1) } / Double(groups.count)
  }
}
