import Base
import Formats
import Runs

/// What a terminal shows of watched runs: a line a run, the curves of the one that grew last, and alarms.
struct WatchView {
  private let runs: [WatchedRun]
  private let forecasts: [String: String]
  private let alarms: [RunAlarm]
  private let turn: RecipeTurns.Turn?

  private static let mostRuns = 20

  init(runs: [WatchedRun], _ forecasts: [String: String], _ alarms: [RunAlarm], _ turn: RecipeTurns.Turn?) {
    (self.runs, self.forecasts, self.alarms, self.turn) = (runs, forecasts, alarms, turn)
  }

  var report: Report {
    // What goes on stands first.
    let sorted = runs.sorted {
      ($0.summary.state == .running ? 0 : 1, $0.summary.run) < ($1.summary.state == .running ? 0 : 1, $1.summary.run)
    }
    var lines = sorted.prefix(Self.mostRuns).map { $0.line(forecast: forecasts[$0.summary.run]) }
    if runs.count > Self.mostRuns { lines.append("and \(runs.count - Self.mostRuns) more runs") }
    if let turn { lines.append("a recipe is at work on epoch \(turn.epoch) of \(turn.run)") }
    var sections = [Report.Section("", .lines(lines))]
    let newest = runs.max { ($0.pace.moments.last?.time ?? 0) < ($1.pace.moments.last?.time ?? 0) }
    for curve in newest?.curves ?? [] {
      let places = curve.values.indices.filter { curve.values[$0].isFinite }
      guard places.count > 1 else { continue }
      sections.append(
        .init(
          "",
          .figure(
            Figure(
              curve.name, xLabel: "step", yLabel: "",
              series: [
                .init(
                  newest?.summary.run ?? "", x: places.map { Double(curve.steps[$0]) },
                  y: places.map { curve.values[$0] })
              ]))))
    }
    if !alarms.isEmpty { sections.append(.init("alarms", .lines(alarms.map(\.line)))) }
    return Report("", sections)
  }
}
