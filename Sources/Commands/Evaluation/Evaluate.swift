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
    var subject = try session.subject(call)
    if call.isSet("calibrated") { subject = try session.calibrated(subject, call: call) }
    let nullMeans = try call.string("null") == "train" ? session.trainingMeans(of: subject, call: call) : nil
    let scores = subject.scores(nullMeans: nullMeans)
    session.record(
      scores, of: subject, variant: (call.isSet("calibrated") ? "calibrated " : "") + "null \(try call.string("null"))")
    var table = CellScores.table(scores)
    table.note = "\(subject.label), split \(subject.split), \(subject.predictions.frameCount) frames"
    try session.keep(table, for: call, parent: subject.version)
    return .table(table)
  }
}
