import Base
import Language
import Metrics
import Session
import Workspace

/// Lists all evaluated twins, the best first.
struct LeaderboardCommand: Command {
  static let signature = Signature(
    "leaderboard", in: "evaluation", "Ranks all evaluated twins by their stored scores; computes nothing"
  )
  .tableName()
  .flag("metric", .word("metric"), default: .string(BitsPerSpike.name), "The score")
  .flag(
    "weight", .choice(CellGrouping.allCases.map(\.rawValue)), default: .string("cell"),
    "What has the same weight in the means: cells, sessions or subjects"
  )
  .replace()
  .returns(.table(LeaderboardTable.columns().signatures))
  .searchTerms("ranking", "best", "scores", "overview", "models", "table")
  .details(
    """
    The leaderboard takes the latest scores of every twin and of all predictions, whichever command computed them. It ranks \
    them within stimulus, split and variant: how the rates were made (raw, or which calibration, fitted on which trials, \
    held-out or in-sample), the null model, and options of noise ceilings. Each of these blocks has its own ranks. \
    A note below the table counts scores by an older version of the metric, which are left out, and warns about twins that \
    were evaluated on different cells: use `compare` for these, which joins them cell by cell. Intervals are 95 % \
    intervals over cells.
    """)

  static let examples = [
    Example("let scores = eval twin on sim/gaborium; leaderboard", "After an evaluation"),
    Example(
      "let scores = eval twin on sim/gaborium; leaderboard --metric r --weight subject | where stimulus == 'gaborium'",
      "All subjects weighted equally"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let metric = try ChosenMetrics.single(call, flag: "metric")
    let weight = try CellGrouping(rawValue: call.string("weight")) ?? .cell
    let scores = try session.workspace.newestScores(metric: metric.name)
    let current = scores.filter { $0.metricVersion == metric.version }
    guard !current.isEmpty else {
      throw Failure(
        .missing, "nothing has been evaluated by \(metric.name) yet",
        hint: "eval TWIN on REC/STIM"
          + (CellScores.standard.contains { $0 == metric } ? "" : " --metrics \(metric.name)"),
        span: call.span)
    }
    let board = LeaderboardTable(
      current.map {
        .init(
          twin: $0.twin, session: $0.session, stimulus: $0.stimulus, split: $0.split, variant: $0.variant, cid: $0.cid,
          value: $0.value, entry: Int($0.entry))
      }, metric: metric, weight: weight)
    var table = board.table
    table.note = ([metric.name] + board.notes + outdated(scores.count - current.count, metric)).joined(separator: "; ")
    try session.keep(table, for: call)
    return .table(table)
  }

  private func outdated(_ count: Int, _ metric: any Metric.Type) -> [String] {
    count > 0
      ? ["left out \(count) scores by another version of the metric than \(metric.version): evaluate these twins again"]
      : []
  }
}
