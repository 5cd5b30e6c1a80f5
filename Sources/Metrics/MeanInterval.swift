import Base

/// The mean of a number over cells, with a 95 % interval.
///
/// Formula: the mean of the groups' means, each over the cells of the group (with one group: the plain mean). The interval is
/// `MeanBounds`: the studentized bootstrap, in which resamples draw cells with replacement within each group, so that a group
/// keeps its weight.
/// Undefined: no mean without values; no interval for fewer than 12, because it would not cover what it claims.
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
    let members = Dictionary(grouping: values.indices, by: { groups[$0] }).sorted { $0.key < $1.key }
      .map { $0.value.map { values[$0] } }
    count = values.count
    mean = members.reduce(0) { $0 + Moments.mean($1) } / Double(members.count)
    let interval = MeanBounds.interval(ofGroups: members, seed: seed)
    lower = interval?.lower
    upper = interval?.upper
  }

  /// Why there is no interval; nil where there is one.
  public var reason: String? { lower == nil ? Self.tooFew : nil }

  public static let tooFew = "too few cells for an interval (fewest \(MeanBounds.fewest))"
}
