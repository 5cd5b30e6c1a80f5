import Base
import Language
import Metrics
import Session
import Workspace

/// Ranks evaluated twins by their scores, and trainings by what they logged.
struct LeaderboardCommand: Command {
  static let signature = Signature(
    "leaderboard", in: "evaluation",
    "Ranks evaluated twins by their stored scores, and runs by what they logged; computes nothing"
  )
  .argument(
    "sets", .object(kinds: ["runs"]), "Sets of runs; by default all open ones", optional: true, repeating: true
  )
  .tableName()
  .flag(
    "metric", .word("metric"),
    "A metric of `eval`, or one that runs have logged; by default bits_per_spike for twins, and for each run the metric that ranks it"
  )
  .flag(
    "weight", .choice(CellGrouping.allCases.map(\.rawValue)), default: .string("cell"),
    "What has the same weight in the means: cells, sessions or subjects"
  )
  .replace()
  .returns(.table(LeaderboardTable.columns().signatures))
  .searchTerms("ranking", "best", "scores", "overview", "models", "table", "runs", "sweep")
  .details(
    """
    The leaderboard takes the latest scores of every twin and of all predictions, whichever command computed them. It ranks \
    them within stimulus, split and variant: how the rates were made (raw, or which calibration, fitted on which trials, \
    held-out or in-sample), the null model, and options of noise ceilings. Each of these blocks has its own ranks. \
    A note below the table counts scores by an older version of the metric, which are left out, and warns about twins that \
    were evaluated on different cells: use `compare` for these, which joins them cell by cell. Intervals are 95 % \
    intervals over cells.

    Runs of other tools and trainings by `train` have blocks of their own, by the best value that they logged (`logged`): one \
    block for each metric and for the same data, as the runs' settings name it. A logged score is not the score that `eval` \
    gives, even where it has the same name: trainers score other frames, and VisionCore sets negative cells to 0. To rank \
    runs by one measure, open their best checkpoints (`best RUN as TWIN`) and evaluate these. `run` then says which run a \
    twin comes from. With SETS only the runs of these sets are listed, and the twins that come from them.
    """)

  static let examples = [
    Example("let scores = eval twin on sim/gaborium; leaderboard", "After an evaluation"),
    Example(
      "let scores = eval twin on sim/gaborium; leaderboard --metric r --weight subject | where stimulus == 'gaborium'",
      "All subjects weighted equally"),
    Example(
      "open runs as grid; leaderboard grid | select stimulus variant rank run logged | head 5",
      "The best runs of a sweep"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let weight = try CellGrouping(rawValue: call.string("weight")) ?? .cell
    let asked = try call.optionalString("metric")
    let metric = AllMetrics.named(asked ?? BitsPerSpike.name)
    let runs = try RankedRuns(sets: call.strings("sets"), metric: asked, at: call.span(of: "sets"), in: session)
    let stored = try metric.map { try session.workspace.newestScores(metric: $0.name) } ?? []
    let scores = runs.isChosen ? stored.filter { runs.runs[$0.twin] != nil } : stored
    let current = scores.filter { $0.metricVersion == metric?.version }
    guard !current.isEmpty || !runs.logged.isEmpty else { throw nothing(asked, metric, runs, call) }
    let board = LeaderboardTable(
      current.map {
        .init(
          twin: $0.twin, session: $0.session, stimulus: $0.stimulus, split: $0.split, variant: $0.variant, cid: $0.cid,
          value: $0.value, entry: Int($0.entry))
      }, metric: current.isEmpty ? nil : metric, weight: weight, logged: runs.logged, runs: runs.runs)
    var table = board.table
    let names = current.isEmpty ? [] : [metric?.name].compactMap(\.self)
    table.note = (names + board.notes + outdated(scores.count - current.count, metric) + runs.remarks)
      .joined(separator: "; ")
    try session.keep(table, for: call)
    return .table(table)
  }

  private func nothing(_ asked: String?, _ metric: (any Metric.Type)?, _ runs: RankedRuns, _ call: Call) -> Failure {
    guard let metric else {
      return Failure(
        .missing, "`eval` has no metric `\((asked ?? "").shortened)`, and no run has logged it",
        hint: Suggestion.hint(for: asked ?? "", among: AllMetrics.types.map { $0.name } + runs.metrics),
        span: call.span(of: "metric"))
    }
    return Failure(
      .missing,
      runs.isChosen
        ? "these runs have no \(metric.name), and no twin of theirs was evaluated by it"
        : "nothing has been evaluated by \(metric.name) yet",
      hint: "eval TWIN on REC/STIM"
        + (CellScores.standard.contains { $0 == metric } ? "" : " --metrics \(metric.name)"),
      span: call.span)
  }

  private func outdated(_ count: Int, _ metric: (any Metric.Type)?) -> [String] {
    count > 0
      ? [
        "left out \(count) scores by another version of the metric than \(metric?.version ?? 0): evaluate these twins again"
      ]
      : []
  }
}
