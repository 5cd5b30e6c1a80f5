import Analysis
import Base
import Language
import Metrics
import Session
import Workspace

/// Scores a twin's predictions cell by cell.
struct EvalCommand: Command {
  static let signature = Signature(
    "eval", in: "evaluation", "Scores predictions cell by cell: bits/spike, correlation, likelihood, noise ceilings"
  )
  .effect(.changes)
  .subject()
  .tableName()
  .frames()
  .flag("calibrated", "Apply the calibration that `calibrate` stored for this stimulus")
  .flag(
    "null", .choice(["bins", "train"]), default: .string("bins"),
    "The constant rate that bits/spike compares with: the mean of the scored bins, or of the training trials"
  )
  .metrics()
  .replace()
  .returns(.table(ChosenMetrics.columns))
  .searchTerms(
    "evaluate", "score", "bps", "bits per spike", "correlation", "pearson", "nll", "loss", "metric", "noise ceiling",
    "repeats", "ccnorm", "feve", "oracle"
  )
  .details(
    """
    The split has the same frames as VisionCore's; the default is the held-out trials (`val`). An undefined number is null, \
    and `reason` says why. vcsh keeps the scores in the workspace with twin, weights, split, seed and metric version. Noise \
    ceilings, and scores that are divided by them, need a stimulus that repeats; `explain METRIC` gives each formula.
    """)

  static let examples = [
    Example("eval twin on sim/gaborium", "Held-out scores of every cell"),
    Example(
      "eval twin on sim/gaborium --split all | where reason == null | sort bits_per_spike --reverse | head 5",
      "The five best cells"),
    Example(
      "eval twin on sim/fixrsvp --split all --metrics cc_norm,feve,oracle | sort cc_norm --reverse | head 5",
      "The noise ceiling, and how much of it the twin reaches"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let chosen = try ChosenMetrics(call)
    let isTrainNull = try call.string("null") == "train"
    func nullMeans(_ origin: SubjectOrigin) throws -> [Double]? {
      isTrainNull ? try session.trainingMeans(of: origin, call: call) : nil
    }
    let isCalibrated = call.isSet("calibrated")
    let subject =
      if isCalibrated {
        try session.scored(
          session.calibrated(session.subject(call), call: call), metrics: chosen.metrics, options: chosen.options,
          nullMeans: nullMeans)
      } else {
        try session.scored(call, metrics: chosen.metrics, options: chosen.options, nullMeans: nullMeans)
      }
    session.record(
      subject.scores, of: subject.origin, metrics: chosen.metrics, null: try call.string("null"),
      options: chosen.options)
    var table = CellScores.shape(chosen.metrics).table(subject.scores)
    table.note = CellFinding.note(
      "\(subject.origin.label), split \(subject.origin.split), \(subject.frameCount.counted("frame"))"
        + (subject.remark.map { "; \($0)" } ?? ""),
      CellFinding.losing(subject.scores.map(\.bitsPerSpike.value)))
    try session.keep(table, for: call, parent: subject.origin.version)
    return .table(table)
  }
}

extension EvalCommand: AsksFrames {}
