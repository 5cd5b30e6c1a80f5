import Base
import Language
import Metrics
import Workspace

/// Scores a twin's predictions cell by cell.
struct Evaluate: Command {
  static let signature = Signature(
    "eval", in: "evaluation", "Scores predictions cell by cell: bits/spike, correlation, likelihood"
  )
  .subject()
  .argument("name", .newName, "Keep the table under this name", keyword: "as", optional: true)
  .names("name", kinds: ["table"])
  .frames()
  .flag("calibrated", "Apply the calibration that `calibrate` stored for this stimulus")
  .flag(
    "null", .choice(["bins", "train"]), default: .string("bins"),
    "Mean rate to beat: of the scored bins, or of the training split"
  )
  .flag("replace", "Take the name even if something has it")
  .returns(
    .table([
      ColumnSignature("cid", "int"), ColumnSignature("spikes", "int"), ColumnSignature("rate_hz", "float", unit: "Hz"),
      ColumnSignature("bits_per_spike", "float", unit: "bits/spike"), ColumnSignature("r", "float"),
      ColumnSignature("nll", "float", unit: "nats/bin"), ColumnSignature("reason", "string"),
    ])
  )
  .searchTerms("evaluate", "score", "bps", "bits per spike", "correlation", "pearson", "nll", "loss", "metric")
  .details(
    """
    The split is VisionCore's, frame for frame; held-out trials (`val`) unless another is named. An undefined number is \
    null, and `reason` says why. The scores stay in the workspace with twin, weights, split, seed and metric version.
    """)

  static let examples = [
    Example("eval twin on sim/gaborium", "Held-out scores of every cell"),
    Example(
      "eval twin on sim/gaborium --split all | where reason == null | sort bits_per_spike --reverse | head 5",
      "The five best cells"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let isTrainNull = try call.string("null") == "train"
    func nullMeans(_ origin: SubjectOrigin) throws -> [Double]? {
      isTrainNull ? try session.trainingMeans(of: origin, call: call) : nil
    }
    let subject: ScoredSubject
    if call.isSet("calibrated") {
      let calibrated = try session.calibrated(session.subject(call), call: call)
      let means = try nullMeans(calibrated.origin)
      subject = ScoredSubject(
        origin: calibrated.origin, frameCount: calibrated.predictions.frameCount,
        scores: calibrated.scores(nullMeans: means))
    } else {
      subject = try session.scored(call, nullMeans: nullMeans)
    }
    session.record(
      subject.scores, of: subject.origin,
      variant: (subject.origin.source?.withoutBehavior == true ? "without behaviour " : "")
        + (call.isSet("calibrated") ? "calibrated " : "") + "null \(try call.string("null"))")
    var table = CellScores.table(subject.scores)
    table.note = "\(subject.origin.label), split \(subject.origin.split), \(subject.frameCount) frames"
    try session.keep(table, for: call, parent: subject.origin.version)
    return .table(table)
  }
}

extension Evaluate: AsksFrames {}
