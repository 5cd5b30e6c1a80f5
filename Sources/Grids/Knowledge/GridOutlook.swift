import Base
import Formats

/// A grid's runs with what is known of them: cost, and whether they have been done.
public struct GridOutlook: Sendable {
  public struct Row: Sendable {
    public var run: String
    public var cost: RunCost
    /// The known run that trained the same, one that has finished before others.
    public var same: KnownRun?
    /// Where there is none: one with the same settings, whose model and data can't be compared.
    public var similar: KnownRun?
  }

  public let rows: [Row]

  package init(_ grid: Grid, known: [KnownRun], cancellation: Cancellation? = nil) throws {
    let base = try grid.base.configuration
    var files: [String: ConfigNode?] = [:]
    let known = known.map { run in
      var run = run
      run.readFiles(&files)
      return run
    }
    rows = try grid.runs.map { run in
      try cancellation?.check()
      let settings = try RunSettings(run, in: grid, base: base)
      let alike = Dictionary(grouping: known, by: { settings.likeness(to: $0) })
      let same = Self.best(alike[.same] ?? [])
      return Row(
        run: run.name, cost: RunCost(settings, from: known), same: same,
        similar: same == nil ? Self.best(alike[.perhaps] ?? []) : nil)
    }
  }

  private static func best(_ runs: [KnownRun]) -> KnownRun? {
    runs.first { $0.hasFinished == true } ?? runs.first { $0.hasFinished == nil } ?? runs.first
  }

  package static let shape = TableShape<Row>([
    .float("hours", unit: "h", "Expected length, from runs that are known") { $0.cost.hours },
    .float("hours_low", unit: "h", "Lower end of the 90 % interval for this run") { $0.cost.low },
    .float("hours_high", unit: "h", "Upper end") { $0.cost.high },
    .string("basis", "The runs that the hours rest on, whatever their model, or why there are none") { $0.cost.basis },
    .string("done", "A known run with the same configuration, whatever its name") { $0.same?.name },
    .string("done_state", "What became of it; or the run that may be the same, where its model or data are not known") {
      row in
      row.same?.state
        ?? row.similar.map { "perhaps \($0.name) (\($0.state)): its model or data are not known" }
    },
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
