import Base
import Metrics

/// What each setting does to a score, over runs that differ in it.
///
/// Effect of a level against the reference: mean difference of runs that are the same in all other settings (paired), with
/// Student's interval over the pairs; without two such pairs the difference of means with Welch's interval (unpaired).
/// The reference is the lowest number, or else the level with most runs. A number with more than 6 values is cut into two
/// halves at its median. An interaction is the difference of two effects, paired in the same way.
public struct AxisEffects: Sendable {
  public struct Row: Sendable {
    /// What the runs were trained and scored on; empty where all have the same.
    public var data: String
    /// A setting; two of an interaction, as `a:b`.
    public var axis: String
    public var level: String?
    public var against: String?
    public var effect: Double?
    public var lower: Double?
    public var upper: Double?
    /// Pairs of runs; of an unpaired comparison the runs of both levels.
    public var count: Int
    /// Cells that were compared; nil where runs have one score.
    public var cells: Int?
    public var comparison: RunComparison?
    /// Part of the scores' sum of squares; the parts of the axes, the seed and the rest add up to 1.
    public var share: Double?
    /// What the share is on average where the scores have nothing to do with the settings.
    public var byChance: Double?
  }

  /// The axis of the row with what belongs to no axis and to no seed.
  public static let rest = "rest"
  private static let sampled = "with so many settings, shares are means over a sample of the orders"

  public private(set) var rows: [Row] = []
  public private(set) var remarks: [String] = []

  /// - Parameter axes: settings that vary.
  /// - Throws: `missing` for one that no run has or that does not vary.
  public init(_ runs: ComparedRuns, axes asked: [String]? = nil, interactions: Bool = false) throws {
    for axis in asked ?? [] where !runs.settings.contains(axis) {
      throw Failure(
        .missing, Self.reason(axis, runs),
        hint: Suggestion.hint(for: axis, among: runs.settings)
          ?? (runs.settings.isEmpty
            ? "no setting varies" : "these vary: \(runs.settings.prefix(12).joined(separator: ", "))"))
    }
    remarks = runs.remarks
    let groups = Dictionary(grouping: runs.entries, by: \.data).sorted { $0.key < $1.key }
    if groups.count > 1 { remarks.append("runs of different data are compared apart: see the column `data`") }
    for (data, entries) in groups where entries.count > 1 {
      let matched = MatchedRuns(entries, runs, asked: asked)
      remarks += matched.remarks.filter { !remarks.contains($0) }
      let shares = VarianceShares(matched)
      if shares.isSampled, !remarks.contains(Self.sampled) { remarks.append(Self.sampled) }
      rows += Self.rows(matched, shares, interactions: interactions).map { row in
        var row = row
        row.data = data
        return row
      }
    }
    if rows.isEmpty { remarks.append("no two runs of the same data differ in a setting") }
  }

  /// Why a setting can't be compared.
  private static func reason(_ axis: String, _ runs: ComparedRuns) -> String {
    if runs.seeds.contains(axis) {
      return "`\(axis)` is not compared level by level: its part of the variance is in a row of its own"
    }
    return runs.entries.contains { $0.levels[axis] != nil }
      ? "the setting `\(axis)` is the same in all runs" : "no run has a setting `\(axis)`"
  }

  private static func rows(_ runs: MatchedRuns, _ shares: VarianceShares, interactions: Bool) -> [Row] {
    var rows: [Row] = []
    for axis in runs.axes {
      let levels = runs.order(of: axis)
      for level in levels.dropFirst() {
        let cells = [[axis: levels[0]], [axis: level]]
        rows.append(
          row(axis, level.text, levels[0].text, runs.contrast(cells, [-1, 1]), share: shares.axes[axis]))
      }
    }
    if interactions {
      for (place, first) in runs.axes.enumerated() {
        for second in runs.axes.dropFirst(place + 1) {
          let (a, b) = (runs.order(of: first), runs.order(of: second))
          for x in a.dropFirst() {
            for y in b.dropFirst() {
              let cells = [(a[0], b[0]), (x, b[0]), (a[0], y), (x, y)].map { [first: $0.0, second: $0.1] }
              guard let contrast = runs.contrast(cells, [1, -1, -1, 1]) else { continue }
              rows.append(
                row("\(first):\(second)", "\(x.text):\(y.text)", "\(a[0].text):\(b[0].text)", contrast, share: nil))
            }
          }
        }
      }
    }
    if let (share, groups) = shares.seed {
      rows.append(
        Row(
          data: "", axis: runs.seeds.first ?? "repeats", count: groups, share: share.part, byChance: share.byChance))
    }
    if let rest = shares.rest {
      rows.append(
        Row(data: "", axis: Self.rest, count: runs.scores.count, share: rest.part, byChance: rest.byChance))
    }
    return rows
  }

  private static func row(
    _ axis: String, _ level: String, _ against: String, _ contrast: RunContrast?,
    share: VarianceShares.Share?
  ) -> Row {
    Row(
      data: "", axis: axis, level: level, against: against, effect: contrast?.effect, lower: contrast?.interval?.lower,
      upper: contrast?.interval?.upper, count: contrast?.count ?? 0,
      cells: contrast?.cells, comparison: contrast?.comparison, share: share?.part,
      byChance: share?.byChance)
  }
}
