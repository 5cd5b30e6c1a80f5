import Base
import RunLogs

/// What the numbers of recipes show turn by turn that a run's owner should know at once.
public enum RecipeAlarms {
  public static let kinds: Set<RunAlarm.Kind> = [.lowRate]
  /// A recipe that gives `X` for all cells gives it for the quarter of cells with the lowest rates as `low_rate_X`.
  private static let prefix = "low_rate_"
  /// So many turns, one after the other, show a trend.
  private static let turns = 3

  /// Scores whose low-rate quartile got worse from turn to turn while the mean over all cells got better.
  ///
  /// - Parameter curves: what recipes gave, named `fast/NAME`.
  public static func alarms(_ run: String, _ curves: [MetricCurve]) -> [RunAlarm] {
    curves.compactMap { low in
      guard let slash = low.name.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
      let (recipe, name) = (low.name[..<slash], low.name[low.name.utf8.index(after: slash)...])
      guard name.hasPrefix(prefix), case let whole = String(name.dropFirst(prefix.count)),
        let all = curves.first(where: { $0.name == "\(recipe)/\(whole)" })
      else { return nil }
      let pairs = zip(low.steps, low.values).suffix(turns).compactMap { step, value in
        Array(zip(all.steps, all.values)).last { $0.0 == step }.map { (low: value, all: $0.1) }
      }
      guard pairs.count == turns, let first = pairs.first, let last = pairs.last else { return nil }
      let metric = RankingMetric(name: whole)
      let isParting = zip(pairs, pairs.dropFirst()).allSatisfy { before, after in
        metric.isBetter(before.low, than: after.low) && metric.isBetter(after.all, than: before.all)
      }
      guard isParting else { return nil }
      func text(_ value: Double) -> String { NumberText.significant(value, digits: 3) }
      return RunAlarm(
        run, .lowRate, place: low.name,
        "\(whole) of the quarter of cells with the lowest rates went from \(text(first.low)) to \(text(last.low)) over \(turns) turns of the \(recipe) recipe, while the mean over all cells went from \(text(first.all)) to \(text(last.all))"
      )
    }
  }
}
