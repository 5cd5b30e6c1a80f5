import Base
import Language
import Metrics
import Session
import Workspace

/// All twins that were evaluated, best first.
struct LeaderboardCommand: Command {
  static let signature = Signature(
    "leaderboard", in: "evaluation", "All evaluated twins by mean score, from the catalogue: nothing is computed"
  )
  .tableName()
  .flag("metric", .word("metric"), default: .string(BitsPerSpike.name), "The score")
  .flag(
    "weight", .choice(CellGrouping.allCases.map(\.rawValue)), default: .string("cell"),
    "What counts alike in the means: cells, sessions or subjects"
  )
  .replace()
  .returns(
    .table([
      ColumnSignature("stimulus", "string"), ColumnSignature("split", "string"), ColumnSignature("rank", "int"),
      ColumnSignature("twin", "string"), ColumnSignature("sessions", "int"), ColumnSignature("cells", "int"),
      ColumnSignature("undefined", "int"), ColumnSignature("mean", "float"), ColumnSignature("lower", "float"),
      ColumnSignature("upper", "float"), ColumnSignature("median", "float"), ColumnSignature("variant", "string"),
      ColumnSignature("entry", "int"),
    ])
  )
  .searchTerms("ranking", "best", "scores", "overview", "models", "table")
  .details(
    """
    Every twin's and every predictions' latest scores, ranked within stimulus, split and variant (null model, calibration, \
    options of noise ceilings): numbers of different kinds are never ranked together. Scores by an older version of the \
    metric are left out and counted below. Twins that were evaluated on other cells are named below: `compare` joins \
    cell by cell. Intervals are 95% bootstrap intervals over cells.
    """)

  static let examples = [
    Example("eval twin on sim/gaborium; leaderboard", "After an evaluation"),
    Example(
      "eval twin on sim/gaborium; leaderboard --metric r --weight subject | where stimulus == 'gaborium'",
      "Every subject alike"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let metric = try ChosenMetrics.single(call, flag: "metric")
    let weight = try CellGrouping(rawValue: call.string("weight")) ?? .cell
    let scores = try session.workspace.latestScores(metric: metric.name)
    let current = scores.filter { $0.metricVersion == metric.version }
    guard !current.isEmpty else {
      throw Failure(
        .missing, "nothing has been evaluated by \(metric.name) yet",
        hint: "eval TWIN on REC/STIM"
          + (CellScores.standard.contains { $0 == metric } ? "" : " --metrics \(metric.name)"),
        span: call.span)
    }
    let board = LeaderboardTable(current, metric: metric, weight: weight)
    var table = board.table
    table.note = ([metric.name] + board.notes + outdated(scores.count - current.count, metric)).joined(separator: "; ")
    try session.keep(table, for: call)
    return .table(table)
  }

  private func outdated(_ count: Int, _ metric: any Metric.Type) -> [String] {
    count > 0 ? ["\(count) scores by another version than \(metric.version) left out: evaluate again"] : []
  }
}
