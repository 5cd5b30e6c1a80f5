import Analysis
import Base
import Fitting
import Language
import Metrics
import Recordings
import Rendering
import Session
import Workspace

/// The numbers of a report, computed once and shared among its chapters.
struct ReportMaterial {
  let twin: LoadedTwin
  let recordingName: String
  let recording: RecordingPayload
  let sources: [LoadedStimulus]
  let head: Int
  /// Nil where no configuration lists what the twin was trained on.
  let trained: Set<String>?
  /// Scores on training trials; without metrics of repeats.
  private(set) var training: [GeneralizationPart] = []
  private(set) var judged: [JudgedStimulus] = []
  /// Stimuli that can't be judged, and why.
  private(set) var omitted: [(stimulus: String, failure: Failure)] = []
  private(set) var fields: Result<ReportFields, Failure> = .failure(Failure(.undefined, "not measured"))
  private(set) var kernels: Result<TemporalKernels, Failure> = .failure(Failure(.undefined, "not computed"))
  let commands: ReportCommands

  private static let always: [any Metric.Type] = [
    SpikeCount.self, FiringRate.self, BitsPerSpike.self, PearsonCorrelation.self,
  ]
  /// No metric of a report depends on random halves: one split is drawn, and it has no influence.
  private static let options = Repeats.Options(splits: 1)

  init(_ call: Call, in session: Session) throws {
    let twin = try session.loadTwin(call.string("subject"), at: call.span(of: "subject"))
    let (name, recording) = try session.recording(call)
    let sources = try session.stimuli(of: call, for: twin)
    guard let first = sources.first else {
      throw Failure(.undefined, "recording `\(name)` has no stimulus", span: call.span(of: "recording"))
    }
    let stimuli = sources.map(\.stimulus.name)
    let shown = try Self.shownInFields(call, sources)
    self.twin = twin
    recordingName = name
    self.recording = recording
    self.sources = sources
    head = try twin.head(session: first.session, named: call.optionalString("head"))
    trained = try session.trainedStimuli(call, twin, among: stimuli)
    commands = ReportCommands(
      twin: twin.name, recording: name, head: try call.optionalString("head"),
      withoutBehavior: first.withoutBehavior, trained: try call.optionalString("trained"),
      fields: try call.optionalString("fields"))

    kernels = try Self.outcome { try TemporalKernels(twin, session: session) }
    for source in sources {
      try judge(source, needsAllFrames: source.stimulus.name == shown.stimulus.name, in: session)
    }
    guard !judged.isEmpty else {
      let failure = omitted.first?.failure ?? Failure(.undefined, "no stimulus of `\(name)` can be judged")
      throw failure.located(at: call.span(of: "recording"))
    }
    judged.sort { ($0.part.kind.rawValue, $0.stimulus) < ($1.part.kind.rawValue, $1.stimulus) }
    let head = head
    let ranking = judged.first { $0.stimulus == shown.stimulus.name } ?? judged[0]
    fields = try Self.outcome {
      guard shown.stimulus.channelCount == 1 else {
        throw Failure(
          .unsupported, "\(shown.label) has \(shown.stimulus.channelCount) channels: receptive fields need exactly one")
      }
      return try ReportFields(
        session.fields(of: twin, head: head, on: shown, split: .all), stimulus: shown.stimulus.name,
        rankedBy: ranking, cancellation: session.work.cancellation)
    }
  }

  /// The stimulus whose receptive fields are shown.
  private static func shownInFields(_ call: Call, _ sources: [LoadedStimulus]) throws -> LoadedStimulus {
    if let name = try call.optionalString("fields") {
      if let source = sources.first(where: { $0.stimulus.name == name }) { return source }
      let names = sources.map(\.stimulus.name)
      throw Failure(
        .missing, "the recording has no stimulus `\(name.shortened)`",
        hint: Suggestion.hint(for: name, among: names) ?? "it has \(names.joined(separator: ", "))",
        span: call.span(of: "fields"))
    }
    return sources.first { $0.stimulus.name == "gaborium" }
      ?? sources.reduce(sources[0]) { $1.stimulus.frameCount > $0.stimulus.frameCount ? $1 : $0 }
  }

  /// A failure is a finding of its own, unless the user interrupted.
  private static func outcome<Found>(_ find: () throws -> Found) throws -> Result<Found, Failure> {
    do {
      return .success(try find())
    } catch let failure as Failure where failure.kind != .interrupted {
      return .failure(failure)
    }
  }

  /// Failures that concern one stimulus only: no frame in the split, a covariate that is missing.
  private static let ofOneStimulus: Set<Failure.Kind> = [.undefined, .missing, .mismatch, .unsupported]

  private mutating func judge(_ source: LoadedStimulus, needsAllFrames: Bool, in session: Session) throws {
    try session.work.cancellation.check()
    let name = source.stimulus.name
    let isTrained = trained?.contains(name) == true
    do {
      let split: Split = trained == nil || isTrained ? .val : .all
      if isTrained || needsAllFrames {
        // All frames at once, rather than split by split.
        _ = try Predictor(session: session).rates(of: twin, head: head, on: source, split: .all)
      }
      let head = String(head)
      let subject = try session.subject(twin, on: source, split: split, head: head)
      let metrics = Self.always + (source.stimulus.repeats ? ReportScores.ofRepeats : [])
      let scores = try subject.scores(metrics: metrics, options: Self.options)
      session.record(scores, of: subject.origin, metrics: metrics, options: Self.options)
      judged.append(
        JudgedStimulus(
          part: GeneralizationPart(
            stimulus: name, split: split, kind: split == .val ? .heldOut : .withheld,
            frameCount: subject.predictions.frameCount, scores: scores),
          metrics: metrics,
          calibration: try Calibrator.calibrate(subject.predictions, mode: .affine, work: session.work)))
      if isTrained { try addTraining(source, head: head, in: session) }
    } catch let failure as Failure where Self.ofOneStimulus.contains(failure.kind) {
      omitted.append((name, failure))
    }
  }

  /// Scores on training trials; none where no frame of them is valid.
  private mutating func addTraining(_ source: LoadedStimulus, head: String, in session: Session) throws {
    do {
      let scored = try session.scored(twin, on: source, split: .train, head: head, metrics: Self.always)
      session.record(scored, metrics: Self.always)
      training.append(
        GeneralizationPart(
          stimulus: source.stimulus.name, split: .train, kind: .training, frameCount: scored.frameCount,
          scores: scored.scores))
    } catch let failure as Failure where failure.kind == .undefined {
      return
    }
  }

  var document: ReportDocument {
    ReportDocument(
      title: "\(twin.name) on \(recordingName)",
      facts: ["session \(recording.session)", "\(recording.cids.count) cells", "vcsh \(ThisProgram.version)"],
      chapters: [
        summaryChapter, scoreChapter, fieldChapter, kernelChapter, calibrationChapter, cellChapter, provenanceChapter,
      ])
  }
}
