import Base
import Language
import RunLogs
import Runs
import Session

/// Where runs will end, from their first epochs and from other runs.
struct ForecastCommand: Command {
  static let signature = Signature(
    "forecast", in: "training", "Where a run will end, from its first epochs and from other runs"
  )
  .argument(
    "run", .object(kinds: ["run", "runs"]), "A run of an open set; or a set, whose ended runs score the forecast"
  )
  .flag("after", .int, "Predict from the first N epochs of each run; by default 5, or what a short or open run has")
  .flag("metric", .word("metric"), "The metric; by default the one that ranks most runs of the set")
  .flag(
    "better", .choice(["lower", "higher"]),
    "Whether lower or higher values are better; by default lower for losses and errors, else higher"
  )
  .flag(
    "epochs", .int,
    "Epochs that an unfinished run will have; by default those that its settings plan, else those of the longest run beside it"
  )
  .returns(.table(columns.signatures))
  .searchTerms("predict", "early stopping", "extrapolate", "learning curve", "stop", "worth")
  .details(
    """
    vcsh predicts the best value of the metric over the run's whole length. A Gaussian process learns from other ended runs of \
    the set how far the best value still moves after the first epochs, given the run's length and the level, slope, curvature \
    and roughness of these epochs. The interval holds the middle 80 % of what the process missed on runs that it did not know. \
    For a set, each ended run with at least twice as many epochs is predicted from its own first epochs, its length, and all \
    epochs of the other runs; `actual` is where it ended. For one run a note says how likely it is to beat the best run.
    """)

  static let examples = [
    Example(
      "open runs as grid --glob 'resnet*'; forecast grid --after 3 | select run best_so_far median lower upper actual",
      "How well the first 3 epochs of each run predict its best value")
  ]

  static let columns = TableShape<RunForecast.Row>([
    .string("run", "The run") { $0.run },
    .int("epochs", "Its length") { $0.epochs },
    .float("best_so_far", "Best value in the epochs that the forecast was made from") { $0.bestSoFar },
    .float("median", "Median of its best value at the end") { $0.median },
    .float("lower", "Lower end of the 80 % interval") { $0.lower },
    .float("upper", "Upper end of the 80 % interval") { $0.upper },
    .float("actual", "Its best value; null for an unfinished run") { $0.actual },
  ])

  func run(_ call: Call, in session: Session) throws -> Value {
    let span = call.span(of: "run")
    let word = try call.string("run")
    let isSet = try session.workspace.lookup(word)?.kind == .runs
    let chosen = isSet ? nil : try session.run(meantBy: word, at: span)
    guard let runs = try chosen?.runs ?? session.runs(meantBy: word, at: span).first?.runs else {
      throw Failure(.missing, "`\(word.shortened)` has no runs", span: span)
    }
    for (flag, fewest) in [("after", 2), ("epochs", 1)] {
      if let count = try call.optionalInt(flag), !(fewest...1_000_000).contains(count) {
        throw Failure(
          .usage, "--\(flag): \(count) is out of range; give \(fewest) to 1000000", span: call.span(of: flag))
      }
    }
    let metric = try RunMetric.chosen(call, runs, chosen?.run)
    var ended: [RunForecast.Course] = []
    var open: [RunForecast.Course] = []
    var longest: [String: Int] = [:]
    let target = try call.optionalInt("epochs")
    var courses: [(run: RunSummary, course: RunForecast.Course)] = []
    for run in runs.runs {
      try session.work.cancellation.check()
      guard let values = try? runs.values(of: metric.name, in: run), !values.isEmpty else { continue }
      courses.append(
        (run, RunForecast.Course(run: run.run, group: run.experiment, values: values, length: values.count)))
      longest[run.experiment] = max(longest[run.experiment] ?? 0, values.count)
    }
    for (run, course) in courses {
      let count = course.values.count
      // The run that is asked for, which is shorter than its plan or, where nobody can tell that it has ended, than its others.
      let planned = PlannedEpochs.of(run)
      let mayGoOn =
        planned.map { [.unknown, .killed].contains(run.state) && count < $0 }
        ?? (run.state == .unknown && count < longest[run.experiment] ?? 0)
      let isOpen = run.state == .running || run == chosen?.run && ((target ?? 0) > count || mayGoOn)
      if isOpen {
        var course = course
        course.length = max(count, target ?? planned ?? longest[run.experiment] ?? 0)
        open.append(course)
      } else {
        ended.append(course)
      }
    }
    guard !ended.isEmpty || !open.isEmpty else {
      let known = Set(runs.runs.compactMap(\.metric?.name)).sorted()
      throw Failure(
        .missing, "no run of `\(word.shortened)` logs `\(metric.name.shortened)`",
        hint: Suggestion.hint(for: metric.name, among: known)
          ?? (known.isEmpty ? nil : "these rank its runs: \(known.joined(separator: ", "))"),
        span: call.span(of: call.isGiven("metric") ? "metric" : "run"))
    }
    do {
      return .table(try Self.table(ended, open, metric, chosen?.run.run, try call.optionalInt("after")))
    } catch let failure as Failure {
      throw failure.located(at: failure.kind == .usage ? call.span(of: "after") : span)
    }
  }

  private static func table(
    _ ended: [RunForecast.Course], _ open: [RunForecast.Course], _ metric: RankingMetric, _ chosen: String?,
    _ given: Int?
  ) throws -> Table {
    guard let chosen else {
      let after = given ?? 5
      let forecast = try RunForecast(ended, metric: metric, after: after, isScored: true)
      let rows = forecast.ended() + open.compactMap { try? forecast.forecast($0) }
      return columns.table(
        rows,
        note: ForecastScore(rows).map {
          "\(metric.name), \(metric.isLowerBetter ? "lower" : "higher") is better; \($0.text)"
        })
    }
    if let course = open.first(where: { $0.run == chosen }) {
      let after = given ?? course.values.count
      var forecast = try? RunForecast(ended, metric: metric, after: after)
      if forecast == nil { forecast = try RunForecast(ended, metric: metric, after: given ?? min(5, after)) }
      guard let row = try forecast?.forecast(course) else { return columns.table([]) }
      return columns.table([row], note: advice(row, metric))
    }
    let values = ended.first { $0.run == chosen }?.values ?? []
    guard given != nil || values.count > 2 else {
      throw Failure(
        .undefined,
        "`\(chosen.shortened)` has \(values.count == 1 ? "1 epoch" : "\(values.count) epochs") with \(metric.name): a forecast of a run that has ended needs 3",
        hint: "--epochs N says how many an unfinished run will have")
    }
    let after = given ?? min(5, values.count - 1)
    let forecast = try RunForecast(ended, metric: metric, after: after)
    guard let row = forecast.ended().first(where: { $0.run == chosen }) else {
      throw untold(chosen, values, metric, after)
    }
    return columns.table([row], note: "this run has ended; forecast from its first \(after) epochs")
  }

  /// Why a run that has ended gets no forecast.
  private static func untold(_ run: String, _ values: [Double], _ metric: RankingMetric, _ after: Int) -> Failure {
    let count = values.count == 1 ? "1 epoch" : "\(values.count) epochs"
    return Failure(
      .undefined,
      values.count > after
        ? "`\(run.shortened)` has no forecast: its first \(after) epochs have undefined values, or the set has too many runs"
        : "`\(run.shortened)` has \(count) with \(metric.name), --after asks for more than \(after)",
      hint: "give --after a smaller number; --epochs N says how many an unfinished run will have")
  }

  private static func advice(_ row: RunForecast.Row, _ metric: RankingMetric) -> String? {
    guard let chance = row.chanceOfBest, let share = row.chanceText else { return nil }
    let reach = row.isExtrapolated ? "; the median lies beyond the end of every known run: vcsh extrapolates" : ""
    return
      "\(chance < 0.05 ? "stop it: " : "")the chance of beating the best run's \(metric.name) is \(share)\(reach)"
  }
}
