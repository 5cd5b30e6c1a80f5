import Base
import Language
import RunLogs
import Runs
import Session

/// Which combination of settings to run next.
struct SuggestCommand: Command {
  static let signature = Signature("suggest", in: "training", "Which combination of settings to run next in a sweep")
    .argument("set", .object(kinds: ["runs"]), "A set of runs that `open FOLDER` made")
    .flag("metric", .word("metric"), "The metric, by its best value in a run; by default the one that ranks most runs")
    .flag(
      "better", .choice(["lower", "higher"]),
      "Whether lower or higher values are better; by default lower for losses and errors, else higher"
    )
    .flag("axes", .string, "Settings to combine, with commas between them; by default all that vary")
    .flag("count", .int, default: .int(5), "How many combinations to show")
    .returns(.table([]))
    .searchTerms("sweep", "hyperparameters", "next", "bayesian", "optimisation", "search", "optuna", "explore")
    .details(
      """
      A row is a combination of levels that were run, but not together. `expected` is the score that a random forest over the \
      runs of the set expects, `sd` the spread of its trees, `improvement` the expected improvement over the best run \
      (a worse run counts as 0), `hours` how long such a run takes, and `per_hour` the improvement for each hour, by which rows are \
      sorted. The note says what a combination drawn at random is worth, and how well the forest predicts each run from \
      the others (r): near 0, the settings do not predict the score, and the first row is no better than a guess.

      Where every combination was run, the table is empty and the note says so. Runs are left out as in `effects`. Runs of different data are not combined.
      """)

  static let examples: [Example] = []

  func run(_ call: Call, in session: Session) throws -> Value {
    let span = call.span(of: "set")
    let runs = try session.runSet(named: try call.string("set"), at: span)
    let axes = try call.optionalString("axes").map(ListText.elements)
    let count = try call.int("count")
    guard (1...100_000).contains(count) else {
      throw Failure(.usage, "--count must be between 1 and 100000", span: call.span(of: "count"))
    }
    let metric = try RunMetric.chosen(call, runs)
    do {
      let compared = try RunMetric.compared(metric, runs, asked: axes ?? [], in: session)
      let hours = Dictionary(runs.runs.map { ($0.run, $0.hours) }, uniquingKeysWith: { first, _ in first })
      let suggestion = try RunSuggestion(compared, axes: axes) { hours[$0] ?? nil }
      return .table(Self.table(suggestion, metric, count, compared.remarks))
    } catch let failure as Failure {
      throw failure.located(at: span)
    }
  }

  private static func table(
    _ suggestion: RunSuggestion, _ metric: RankingMetric, _ count: Int, _ remarks: [String]
  ) -> Table {
    let rows = Array(suggestion.rows.prefix(count))
    let settings = suggestion.settings.enumerated().map { place, name in
      Column(
        name,
        collecting: rows.map { row in
          let level = row.levels[place]
          return level.number.map { number in Int(exactly: number).map(Value.int) ?? .double(number) }
            ?? .string(level.text)
        })
    }
    let numbers = TableShape<RunSuggestion.Row>([
      .float("expected", "Score that is expected") { $0.expected },
      .float("sd", "Spread of the forest's trees") { $0.deviation },
      .float("improvement", "Expected improvement over the best run") { $0.improvement },
      .float("hours", unit: "h", "How long such a run takes") { $0.hours },
      .float("per_hour", "Expected improvement for each hour") { $0.worth },
    ]).table(rows)
    let how =
      suggestion.correlation.map {
        "; predicted from the other runs, a run's score correlates with the real one by r = \(NumberText.significant($0, digits: 2))"
      } ?? ""
    let so = "\(NumberText.significant(suggestion.best, digits: 4)) so far"
    let what =
      suggestion.rows.isEmpty
      ? "\(so); every combination of the levels of \(suggestion.settings.joined(separator: ", ")) was run: repeat the best one with other seeds, or try a new level"
      : "\(so); \(suggestion.rows.count) combinations were not run, one drawn at random is worth \(NumberText.significant(suggestion.randomWorth, digits: 2))\(rows.first?.hours == nil ? "" : " an hour")\(how)"
    return Table(
      settings + numbers.columns,
      note: (["\(metric.name), \(metric.isLowerBetter ? "lower" : "higher") is better, \(what)"] + remarks).joined(
        separator: "; "))
  }
}
