import Base
import Formats
import Language
import Recordings
import Session
import Workspace

/// Runs a twin on a stimulus and keeps the predictions.
struct PredictCommand: Command {
  static let signature = Signature("predict", in: "evaluation", "Runs a twin on a stimulus and keeps the predictions")
    .effect(.changes)
    .argument("subject", .object(kinds: ["twin"]), "The twin")
    .argument("stimulus", .stimulus, "The recording's stimulus", keyword: "on")
    .argument("name", .newName, "Name of the predictions", keyword: "as", optional: true)
    .frames()
    .flag("calibrated", "Apply the calibration that `calibrate` stored for this stimulus")
    .replace()
    .returns(.record)
    .names("name", kinds: ["predictions"], always: true)
    .searchTerms("run", "forward", "rates", "rhat", "infer")
    .details(
      "Without a name the predictions are called TWIN-REC-STIM-SPLIT. `export NAME FILE.npz` writes them for numpy.")

  static let examples = [
    Example("predict twin on sim/gaborium --split all as gaborium-rates --replace", "Rates on every valid frame")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let twin = try call.string("subject")
    let stimulus = try call.string("stimulus")
    let suffix = (call.isSet("no-behavior") ? "-no-behavior" : "") + (call.isSet("calibrated") ? "-calibrated" : "")
    let split = try session.split(of: call)
    let isOwn = !call.isGiven("name")
    let name =
      try call.optionalString("name")
      ?? Session.name(from: "\(twin)-\(stimulus.replacing("/", with: "-"))-\(split.rawValue)\(suffix)")
    let existing = try session.workspace.lookup(name)
    // Without a name, predict may replace its own earlier predictions, but no object of another kind.
    let isPredictions = existing?.kind == .predictions
    let mayReplace = call.isSet("replace") || (isOwn && isPredictions)
    if !isPredictions { try session.checkNew(name, replacing: mayReplace, at: call.span(of: "name")) }

    var subject = try session.subject(call)
    let calibration = call.isSet("calibrated") ? try session.storedCalibration(of: subject, call: call).record.id : nil
    if calibration != nil { subject = try session.calibrated(subject, call: call) }
    let digest = try session.workspace.objects.putFile { try PredictionsFile.write(subject.predictions, to: $0) }
    let payload = PredictionsPayload(
      session: subject.session, stimulus: subject.stimulus, split: subject.split,
      frames: subject.predictions.frameCount, cids: subject.predictions.cids, rateHz: subject.predictions.rateHz,
      object: digest, twin: subject.version, recording: subject.source?.record.id, calibration: calibration,
      rates: subject.rates)
    if existing?.payload as? PredictionsPayload != payload {
      try session.checkNew(name, replacing: mayReplace, at: call.span(of: "name"))
      session.changes.versions.append(
        .init(payload, name: name, parent: subject.version, replacing: mayReplace ? .anything : .nothing))
    }
    return .record(
      Record([
        ("name", .string(name)), ("cells", .int(payload.cids.count)), ("frames", .int(payload.frames)),
        ("split", .string(subject.split)), ("mean_rate_hz", .double(meanRate(subject.predictions))),
      ]))
  }

  private func meanRate(_ predictions: Predictions) -> Double {
    let known = predictions.rates.values.filter { !$0.isNaN }
    return known.reduce(0.0) { $0 + Double($1) } / Double(max(1, known.count)) * predictions.rateHz
  }
}

extension PredictCommand: AsksFrames {}
