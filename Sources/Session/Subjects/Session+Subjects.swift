import Base
import Formats
import Language
import Metrics
import Recordings
import Workspace

extension Session {
  /// Resolves `TWIN on REC/STIM [--split …] [--head …]`, or the name of stored predictions.
  package func subject(_ call: Call, argument: String = "subject", split named: Split? = nil) throws -> Subject {
    switch try resolve(call, argument) {
    case .predictions(let name, let record, let payload):
      return try storedSubject(name, record, payload, split: call.isGiven("split") ? split(of: call) : nil)
    case .twin(let twin, let source):
      return try subject(twin, on: source, split: named ?? split(of: call), head: call.optionalString("head"))
    }
  }

  package func subject(_ twin: LoadedTwin, on source: LoadedStimulus, split: Split, head named: String?) throws
    -> Subject
  {
    let head = try twin.head(for: source, named: named)
    let predictions = try Predictor(session: self).predictions(of: twin, head: head, on: source, split: split)
    return Subject(origin: origin(twin, head: head, on: source, split: split), predictions: predictions)
  }

  /// Scores what the call names, a stretch of frames at a time where a twin answers and single bins are all that is asked
  /// for.
  ///
  /// - Parameter nullMeans: constant rates that bits per spike is measured against; the bins' own means where it gives nil.
  package func scored(
    _ call: Call, metrics: [any Metric.Type], options: Repeats.Options,
    nullMeans: (SubjectOrigin) throws -> [Double]?
  ) throws -> ScoredSubject {
    guard case .twin(let twin, let source) = try resolve(call, "subject") else {
      return try scored(subject(call), metrics: metrics, options: options, nullMeans: nullMeans)
    }
    return try scored(
      twin, on: source, split: split(of: call), head: call.optionalString("head"), metrics: metrics, options: options,
      nullMeans: nullMeans)
  }

  package func scored(
    _ twin: LoadedTwin, on source: LoadedStimulus, split: Split, head named: String?, metrics: [any Metric.Type],
    options: Repeats.Options = .init(), nullMeans: (SubjectOrigin) throws -> [Double]? = { _ in nil }
  ) throws -> ScoredSubject {
    if source.stimulus.repeats, metrics.contains(where: { $0 is any RepeatMetric.Type }) {
      let subject = try subject(twin, on: source, split: split, head: named)
      return try scored(subject, metrics: metrics, options: options, nullMeans: nullMeans)
    }
    let head = try twin.head(for: source, named: named)
    let (sums, frames) = try Predictor(session: self).sums(of: twin, head: head, on: source, split: split)
    let origin = origin(twin, head: head, on: source, split: split)
    let scores = CellScores.of(
      sums, cids: source.stimulus.cids, nullMeans: try nullMeans(origin), metrics: metrics)
    return ScoredSubject(origin: origin, frameCount: frames, scores: scores)
  }

  package func scored(
    _ subject: Subject, metrics: [any Metric.Type], options: Repeats.Options,
    nullMeans: (SubjectOrigin) throws -> [Double]?
  ) throws -> ScoredSubject {
    let means = try nullMeans(subject.origin)
    return ScoredSubject(
      origin: subject.origin, frameCount: subject.predictions.frameCount,
      scores: try subject.scores(nullMeans: means, metrics: metrics, options: options),
      remark: metrics.contains { $0 is any RepeatMetric.Type }
        ? (try? RepeatLayout(subject.predictions))?.note : nil)
  }

  private enum Named {
    case predictions(String, VersionRecord, PredictionsPayload)
    case twin(LoadedTwin, LoadedStimulus)
  }

  private func resolve(_ call: Call, _ argument: String) throws -> Named {
    let name = try call.string(argument)
    let record = try lookup(name, kinds: [.twin, .predictions], at: call.span(of: argument))
    if let payload = record.payload as? PredictionsPayload {
      if call.isGiven("stimulus") {
        throw Failure(
          .usage, "`\(name)` holds predictions, which belong to a stimulus already", hint: "leave out `on …`",
          span: call.span(of: "stimulus"))
      }
      if call.isSet("no-behavior") {
        throw Failure(
          .usage, "`\(name)` holds predictions: no modulator runs", hint: "leave out --no-behavior",
          span: call.span(of: "no-behavior"))
      }
      return .predictions(name, record, payload)
    }
    guard let text = try call.optionalString("stimulus") else {
      throw Failure(
        .usage, "`\(name)` is a twin: name the stimulus, too", hint: "write `\(call.text) on REC/STIM`",
        span: call.span(of: argument))
    }
    let twin = try loadTwin(name, record: record)
    return .twin(twin, try loadStimulus(text, at: call.span(of: "stimulus")).shown(to: twin, by: call))
  }

  /// Says where a twin's answer comes from, and records what was read.
  package func origin(_ twin: LoadedTwin, head: Int, on source: LoadedStimulus, split: Split) -> SubjectOrigin {
    let read: [Changes.Input] = [
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
    // A command may ask one twin several times.
    changes.inputs += read.filter { !changes.inputs.contains($0) }
    return SubjectOrigin(
      label: "\(twin.name) on \(source.label)" + (source.withoutBehavior ? " --no-behavior" : ""),
      version: twin.record.id, session: source.session, stimulus: source.stimulus.name, split: split.rawValue,
      rates: (source.withoutBehavior ? "without behaviour" : "raw") + Self.foreignHead(head, of: twin, on: source),
      key: Predictor.key("subject", twin, head: head, source), twin: twin, head: head, source: source)
  }

  /// Names the head where it is not the one of the recording's session.
  private static func foreignHead(_ head: Int, of twin: LoadedTwin, on source: LoadedStimulus) -> String {
    let sessions = twin.payload.heads.map(\.session)
    guard sessions.count > 1, sessions.indices.contains(head), sessions[head] != source.session else { return "" }
    return ", head \(sessions[head] ?? String(head))"
  }

  package func split(of call: Call) throws -> Split {
    Split(rawValue: try call.optionalString("split") ?? "val") ?? .val
  }

  package func storedSubject(
    _ name: String, _ record: VersionRecord, _ payload: PredictionsPayload, split: Split?
  ) throws -> Subject {
    if let split, split.rawValue != payload.split ?? "all" {
      throw Failure(
        .mismatch, "`\(name)` holds predictions of split `\(payload.split ?? "all")`, not `\(split.rawValue)`",
        hint: "leave out --split")
    }
    changes.inputs.append(.init(role: "predictions", version: record.id, detail: name))
    return Subject(
      origin: SubjectOrigin(
        label: name, version: record.id, session: payload.session ?? "", stimulus: payload.stimulus ?? "",
        split: payload.split ?? "all", isSplitKnown: payload.split != nil,
        rates: payload.rates ?? (payload.calibration == nil ? "raw" : "calibrated"),
        key: "predictions \(payload.object ?? payload.file?.fingerprint ?? "")"
          + (payload.givenRate.map { " at \($0) Hz" } ?? "")),
      predictions: try storedPredictions(name, record, payload))
  }

  /// The arrays behind predictions: an object of the workspace, or the file that was opened.
  package func storedPredictions(_ name: String, _ record: VersionRecord, _ payload: PredictionsPayload) throws
    -> Predictions
  {
    if let object = payload.object {
      return noted(try PredictionsFile.read(workspace.objects.checkedPath(of: object)), in: name)
    }
    guard let file = payload.file else {
      throw Failure(.format, "the catalogue's record of `\(name)` names no data")
    }
    let path = workspace.absolute(path: file.path)
    let archive = payload.part == nil ? nil : try TorchArchive(path: path)
    guard try archive?.fingerprint ?? PredictionsFile.arrays(path).fingerprint == file.fingerprint else {
      throw Failure(
        .mismatch, "\(path) has changed since it was opened as `\(name)`",
        hint: "`open \(path) as \(name) --replace` opens the new file")
    }
    guard let archive, let part = payload.part else {
      var predictions = noted(try PredictionsFile.read(path), in: path)
      predictions.rateHz = payload.givenRate ?? predictions.rateHz
      return predictions
    }
    return noted(try EvaluationCache.predictions(in: archive, on: part, rateHz: payload.rateHz), in: path)
  }

  private func noted(_ read: (predictions: Predictions, impossible: ImpossibleBins), in place: String) -> Predictions {
    noteOnce(read.impossible.note(cids: read.predictions.cids), in: place)
    return read.predictions
  }

  /// Says once an entry what was masked because it can't be right.
  package func noteOnce(_ impossible: String?, in place: String) {
    guard let impossible, notedPlaces.insert("\(entry) \(place)").inserted else { return }
    note("\(place): \(impossible)")
  }
}
