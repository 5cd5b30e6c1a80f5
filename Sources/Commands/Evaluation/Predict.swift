import Base
import Language
import Workspace

/// Runs a twin on a stimulus and keeps the predictions.
struct Predict: Command {
  static let signature = Signature("predict", in: "evaluation", "Runs a twin on a stimulus and keeps the predictions")
    .argument("subject", .object(kinds: ["twin"]), "The twin")
    .argument("stimulus", .stimulus, "The recording's stimulus", keyword: "on")
    .argument("name", .newName, "Name of the predictions", keyword: "as", optional: true)
    .frames()
    .flag("calibrated", "Apply the calibration that `calibrate` stored for this stimulus")
    .flag("replace", "Take the name even if something has it")
    .returns(.record)
    .searchTerms("run", "forward", "rates", "rhat", "infer")
    .details(
      "Without a name the predictions are called TWIN-REC-STIM-SPLIT. `export NAME FILE.npz` writes them for numpy.")

  static let examples = [
    Example("predict twin on sim/gaborium --split all as gaborium-rates --replace", "Rates on every valid frame")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    var subject = try session.subject(call)
    let calibration = call.isSet("calibrated") ? try session.storedCalibration(of: subject, call: call).record.id : nil
    if calibration != nil { subject = try session.calibrated(subject, call: call) }
    let twin = try call.string("subject")
    let stimulus = try call.string("stimulus")
    let suffix = calibration == nil ? "" : "-calibrated"
    let name =
      try call.optionalString("name")
      ?? Session.name(from: "\(twin)-\(stimulus.replacing("/", with: "-"))-\(subject.split)\(suffix)")
    let digest = try session.workspace.objects.putFile { try PredictionsFile.write(subject.predictions, to: $0) }
    let payload = PredictionsPayload(
      session: subject.session, stimulus: subject.stimulus, split: subject.split,
      frames: subject.predictions.frameCount, cids: subject.predictions.cids, rateHz: subject.predictions.rateHz,
      object: digest, twin: subject.version, recording: subject.source?.record.id, calibration: calibration)
    let isSame = try session.workspace.lookup(name)?.payload == .predictions(payload)
    if !isSame {
      let isOwn = !call.isGiven("name")
      try session.checkNew(
        name, replacing: call.isSet("replace") || isOwn, at: isOwn ? call.span : call.span(of: "name"))
      session.changes.versions.append(.init(.predictions(payload), name: name, parent: subject.version))
    }
    return .record(
      Record([
        ("name", .string(name)), ("cells", .int(payload.cids.count)), ("frames", .int(payload.frames)),
        ("split", .string(subject.split)), ("mean_rate_hz", .double(meanRate(subject.predictions))),
      ]))
  }

  private func meanRate(_ predictions: Predictions) -> Double {
    let sum = predictions.rates.values.reduce(0.0) { $0 + Double($1) }
    return sum / Double(max(1, predictions.rates.count)) * predictions.rateHz
  }
}
