import Base

/// A grid's runs with what is known of them: cost, and whether they have been done.
public struct GridOutlook: Sendable {
  public struct Row: Sendable {
    public var run: String
    public var cost: RunCost
    /// The known run that trained the same, one that has finished before others.
    public var same: KnownRun?
  }

  public let rows: [Row]

  package init(_ grid: Grid, known: [KnownRun], cancellation: Cancellation? = nil) throws {
    let base = try grid.base.configuration
    rows = try grid.runs.map { run in
      try cancellation?.check()
      let settings = try RunSettings(run, in: grid, base: base)
      let same = known.filter(settings.isSame)
      let best = same.first { $0.hasFinished == true } ?? same.first { $0.hasFinished == nil } ?? same.first
      return Row(run: run.name, cost: RunCost(settings, from: known), same: best)
    }
  }

  package static let shape = TableShape<Row>([
    .float("hours", unit: "h", "Expected length, from runs that are known") { $0.cost.hours },
    .float("hours_low", unit: "h", "Lower end of the 90 % interval for this run") { $0.cost.low },
    .float("hours_high", unit: "h", "Upper end") { $0.cost.high },
    .string("basis", "The runs that the hours rest on, or why there are none") { $0.cost.basis },
    .string("done", "A known run with the same configuration, whatever its name") { $0.same?.name },
    .string("done_state", "What became of it") { $0.same?.state },
  ])

  /// One line on all runs: how many are left, and what they cost together.
  package var summary: String {
    let left = rows.filter { $0.same?.hasFinished != true }
    var text = "\(rows.count) \(rows.count == 1 ? "run" : "runs"), \(rows.count - left.count) done"
    let hours = left.compactMap(\.cost.hours)
    if hours.count == left.count, !left.isEmpty {
      let sum = NumberText.significant(hours.reduce(0, +), digits: 3)
      text +=
        left.count == 1
        ? "; the other one needs about \(sum) h" : "; the other \(left.count) need about \(sum) h together"
    }
    return text
  }
}
