import Base
import Formats
import Language
import Metrics
import Recordings
import Workspace

/// What is scored: predictions with all that says where they come from.
struct Subject {
  var label: String
  /// Version of the twin, or of the opened predictions.
  var version: Int64
  var session: String
  var stimulus: String
  var split: String
  /// Digest of weights, head and data: what a calibration belongs to, whichever frames it saw.
  var key: String
  var predictions: Predictions
  /// Cells that a calibration could not be applied to: they have no rates.
  var uncalibrated: Set<CellID> = []
  var twin: LoadedTwin?
  var head: Int?
  var source: LoadedStimulus?

  /// Scores of every cell, in the order of the cids.
  func scores(nullMeans: [Double]? = nil) -> [CellScores] {
    evaluate(predictions, nullMeans: nullMeans).map { scores in
      guard uncalibrated.contains(scores.cid) else { return scores }
      var scores = scores
      scores.bitsPerSpike = .undefined(.notCalibrated)
      scores.r = .undefined(.notCalibrated)
      scores.nll = .undefined(.notCalibrated)
      return scores
    }
  }
}

extension Session {
  /// Resolves `TWIN on REC/STIM [--split …] [--head …]`, or the name of stored predictions.
  func subject(_ call: Call, argument: String = "subject", split named: Split? = nil) throws -> Subject {
    let name = try call.string(argument)
    let record = try lookup(name, kinds: [.twin, .predictions], at: call.span(of: argument))
    if case .predictions(let payload) = record.payload {
      if call.isGiven("stimulus") {
        throw Failure(
          .usage, "`\(name)` holds predictions: they have their stimulus", hint: "leave out `on …`",
          span: call.span(of: "stimulus"))
      }
      if call.isSet("no-behavior") {
        throw Failure(
          .usage, "`\(name)` holds predictions: no modulator runs", hint: "leave out --no-behavior",
          span: call.span(of: "no-behavior"))
      }
      return try storedSubject(name, record, payload, split: call.isGiven("split") ? split(of: call) : nil)
    }
    guard let text = try call.optionalString("stimulus") else {
      throw Failure(
        .usage, "`\(name)` is a twin: say on which stimulus", hint: "\(call.signature.name) \(name) on REC/STIM",
        span: call.span(of: argument))
    }
    let twin = try loadTwin(name, record: record)
    var source = try loadStimulus(text, at: call.span(of: "stimulus"))
    source.withoutBehavior = call.isSet("no-behavior") && twin.architecture.requiresBehavior
    return try subject(twin, on: source, split: named ?? split(of: call), head: call.optionalString("head"))
  }

  func subject(_ twin: LoadedTwin, on source: LoadedStimulus, split: Split, head named: String?) throws -> Subject {
    let head = try twin.head(session: source.session, named: named)
    let predictions = try Predictor(session: self).predictions(of: twin, head: head, on: source, split: split)
    changes.inputs += [
      .init(
        role: "twin", version: twin.record.id,
        detail: "\(twin.name), head \(head), weights \(twin.weightsDigest.prefix(12))"
          + (source.withoutBehavior ? ", without behaviour" : "")),
      .init(
        role: "stimulus", version: source.record.id,
        detail:
          "\(source.label), split \(split.rawValue), seed \(source.stimulus.configuration.seed), file \(source.fingerprint.prefix(12))"
      ),
    ]
    return Subject(
      label: "\(twin.name) on \(source.label)" + (source.withoutBehavior ? " --no-behavior" : ""),
      version: twin.record.id, session: source.session,
      stimulus: source.stimulus.name, split: split.rawValue,
      key: Predictor.key("subject", twin, head: head, source, frames: []),
      predictions: predictions, twin: twin, head: head,
      source: source)
  }

  func split(of call: Call) throws -> Split {
    Split(rawValue: try call.optionalString("split") ?? "val") ?? .val
  }

  private func storedSubject(
    _ name: String, _ record: VersionRecord, _ payload: PredictionsPayload, split: Split?
  ) throws -> Subject {
    if let split, split.rawValue != payload.split ?? "all" {
      throw Failure(
        .mismatch, "`\(name)` holds predictions of split `\(payload.split ?? "all")`, not `\(split.rawValue)`",
        hint: "leave out --split")
    }
    changes.inputs.append(.init(role: "predictions", version: record.id, detail: name))
    return Subject(
      label: name, version: record.id, session: payload.session ?? "", stimulus: payload.stimulus ?? "",
      split: payload.split ?? "all",
      key: "predictions \(payload.object ?? payload.file?.fingerprint ?? "")",
      predictions: try storedPredictions(name, record, payload))
  }

  /// The arrays behind predictions: an object of the workspace, or the file that was opened.
  func storedPredictions(_ name: String, _ record: VersionRecord, _ payload: PredictionsPayload) throws -> Predictions {
    if let object = payload.object { return try PredictionsFile.read(workspace.objects.path(of: object)) }
    guard let file = payload.file else {
      throw Failure(.format, "the catalogue's record of `\(name)` names no data")
    }
    let path = workspace.absolute(path: file.path)
    guard try NpzArchive(path: path).fingerprint == file.fingerprint else {
      throw Failure(
        .mismatch, "\(path) has changed since it was opened as `\(name)`",
        hint: "`open \(path) as \(name) --replace` takes the new one")
    }
    return try PredictionsFile.read(path)
  }
}
