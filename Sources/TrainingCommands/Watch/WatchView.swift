import Base
import Formats
import Runs

/// What a terminal shows of watched runs: a line a run, the curves of the one that grew last, and alarms.
struct WatchView {
  private let runs: [WatchedRun]
  private let forecasts: [String: String]
  private let alarms: [RunAlarm]
  private let turn: RecipeTurns.Turn?

  /// More would leave no room for the curves.
  private static let mostRuns = 6

  init(runs: [WatchedRun], _ forecasts: [String: String], _ alarms: [RunAlarm], _ turn: RecipeTurns.Turn?) {
    (self.runs, self.forecasts, self.alarms, self.turn) = (runs, forecasts, alarms, turn)
  }

  var report: Report {
    // What runs stands first, then what grew last.
    func time(_ run: WatchedRun) -> Double { run.pace.moments.last?.time ?? 0 }
    let sorted = runs.sorted { a, b in
      let (x, y) = (a.summary.state == .running, b.summary.state == .running)
      return x != y ? x : time(a) != time(b) ? time(a) > time(b) : a.summary.run < b.summary.run
    }
    var lines = sorted.prefix(Self.mostRuns).map { $0.line(forecast: forecasts[$0.summary.run]) }
    if runs.count > Self.mostRuns { lines.append("and \(runs.count - Self.mostRuns) more runs") }
    if let turn { lines.append("a recipe is at work on epoch \(turn.epoch) of \(turn.run)") }
    var sections = [Report.Section("", .lines(lines))]
    if !alarms.isEmpty { sections.append(.init("alarms", .lines(alarms.map(\.line)))) }
    let newest = sorted.first
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
    return Report("", sections)
  }
}
