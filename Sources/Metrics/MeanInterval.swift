import Base

/// The mean of a number over cells, with a bootstrap interval.
///
/// Formula: the mean of the groups' means, each over the cells of the group (with one group: the plain mean). Resamples draw
/// cells with replacement within each group, so that a group keeps its weight. The interval reaches from the percentile
/// `(1 - level) / 2` to `(1 + level) / 2` of the resampled means, linear between ranks.
/// Undefined: no mean without values; no interval for fewer than two.
/// Source: Efron and Tibshirani 1993, the percentile interval, stratified.
public struct MeanInterval: Sendable, Equatable {
  public var mean: Double
  public var lower: Double?
  public var upper: Double?
  public var count: Int

  /// - Parameter groups: the session or subject of each value; a single group where nil.
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
