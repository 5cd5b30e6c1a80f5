import Base
import Language
import Metrics
import Recordings
import Session

/// The events that a call names. They are found before a twin runs, so that missing events are an error at once.
struct EventSource {
  private let call: Call
  let kind: EventKind
  /// nil for stored predictions.
  let source: LoadedStimulus?
  private let clock: FrameClock?
  private var events: [EventAlignment.Event] = []

  init(_ call: Call, in session: Session) throws {
    self.call = call
    kind = EventKind(rawValue: try call.string("event")) ?? .saccade
    if kind == .trial, call.isSet("until-next") {
      throw Failure(
        .usage, "--until-next is for saccades and fixations", hint: "windows never leave their trial",
        span: call.span(of: "until-next"))
    }
    guard let text = try call.optionalString("stimulus") else {
      source = nil
      clock = nil
      let name = try call.string("subject")
      guard try session.lookup(name, kinds: [.twin, .predictions], at: call.span(of: "subject")).kind != .twin else {
        throw Failure(
          .usage, "`\(name)` is a twin: name the stimulus, too", hint: "\(call.text.prefix { $0 != "|" }) on REC/STIM",
          span: call.span(of: "subject"))
      }
      guard kind == .trial else {
        throw Failure(
          .usage, "stored predictions have no \(kind.plural)",
          hint: "name a twin and a stimulus: `\(call.signature.name) TWIN … on REC/STIM`",
          span: call.span(of: "subject"))
      }
      return
    }
    let source = try session.loadStimulus(text, at: call.span(of: "stimulus"))
    self.source = source
    if kind == .trial {
      clock = try source.stimulus.clock()
      guard source.stimulus.hasTrials else {
        throw Failure(
          .missing, "\(source.label): no `trial_inds`, so no trial begins", span: call.span(of: "stimulus"))
      }
      return
    }
    let (_, gaze, detection) = try session.saccades(call, in: source)
    clock = gaze.clock
    let saccades = detection.saccades
    let isBounded = call.isSet("until-next")
    events = saccades.indices.map { index in
      let before = isBounded && index > 0 ? saccades[index - 1].offset + 1 : 0
      let after =
        isBounded && index + 1 < saccades.count ? saccades[index + 1].onset - 1 : source.stimulus.frameCount - 1
      let frame = kind == .saccade ? saccades[index].onset : saccades[index].offset
      return .init(frame: frame, allowed: min(before, frame)...max(after, frame))
    }
    guard !events.isEmpty else {
      throw Failure(
        .undefined, "\(source.label) has no saccade", hint: "`saccades \(source.label)` says what was left out",
        span: call.span(of: "stimulus"))
    }
  }

  /// Bins of all events together.
  private static let mostBins = 20_000_000

  /// The rows of `subject` around each event.
  ///
  /// - Parameter isFine: whether every bin is one frame, whatever the call says.
  /// - Throws: `undefined` where no event has a row; `usage` for a window out of range.
  func alignment(of subject: Subject, isFine: Bool = false) throws -> EventAlignment {
    let predictions = subject.predictions
    let rateHz = clock?.rateHz ?? predictions.rateHz
    guard rateHz.isFinite, rateHz > 0 else {
      throw Failure(.undefined, "\(subject.label): the number of bins per second is unknown, so times are unknown")
    }
    let trials = kind == .trial ? try trialRows(predictions) : nil
    var windows = try windows(rateHz: rateHz, longest: trials?.longest ?? 0)
    if isFine { windows = EventWindows(lags: windows.lags) }
    let count = trials?.rows.count ?? events.count
    guard windows.bins.count <= Self.mostBins / max(1, count) else {
      throw Failure(
        .usage, "\(count) \(kind.plural) with \(windows.bins.count) bins each are too many to hold",
        hint: "a narrower window (--from, --to) or wider bins (--bin)",
        span: ["to", "from", "bin"].first(where: call.isGiven).flatMap { call.span(of: $0) } ?? call.span)
    }
    let alignment =
      try trials.map { EventAlignment($0, in: windows) }
      ?? EventAlignment(events, of: kind, frames: predictions.frames, stretches: clock?.stretches ?? [], in: windows)
    guard alignment.windows.eventCount > 0 else {
      throw Failure(
        .undefined,
        "\(subject.label): none of its \(count) \(kind.plural) has an evaluated frame around it in split `\(subject.split)`",
        hint: subject.split == "all"
          ? "change --from and --to" : "change --from and --to, or take more events with --split all",
        span: call.span(of: "subject"))
    }
    return alignment
  }

  private func trialRows(_ predictions: Predictions) throws -> TrialRows {
    if let repeats = TrialRows(repeatsIn: predictions) { return repeats }
    if let clock, let trials = clock.trials {
      return TrialRows(frames: predictions.frames, trials: trials, times: clock.trialTimes, rateHz: clock.rateHz)
    }
    throw Failure(
      .undefined, "these predictions do not say where a trial begins",
      hint: "name a twin and a stimulus: `\(call.signature.name) TWIN … on REC/STIM`", span: call.span(of: "subject"))
  }

  private func windows(rateHz: Double, longest: Int) throws -> EventWindows {
    let frameMs = 1000 / rateHz
    let isTrial = kind == .trial
    func edge(_ flag: String, _ standard: Double) throws -> Int {
      let value = try call.optionalFloat(flag) ?? standard
      guard value.isFinite, abs(value) <= 600_000 else {
        throw Failure(
          .usage, "--\(flag) \(Self.text(value)) is out of range", hint: "up to 600000 ms, 10 minutes",
          span: call.span(of: flag))
      }
      return Int((value / frameMs).rounded())
    }
    let from = try edge("from", isTrial ? 0 : -100)
    let to = try edge("to", isTrial ? min(Double(longest) * frameMs, 600_000) : 400)
    let asked = call.isGiven("from") ? "from" : "to"
    guard from < to else {
      throw Failure(
        .usage, "the window from \(Self.ms(from, frameMs)) to \(Self.ms(to, frameMs)) ms has no frame",
        hint: "--from and --to are in ms, a frame is \(Self.ms(1, frameMs))", span: call.span(of: asked))
    }
    let bin = try call.optionalFloat("bin") ?? frameMs
    guard bin.isFinite, bin > 0, bin <= Double(to - from + 1) * frameMs else {
      throw Failure(
        .usage, "--bin \(Self.text(bin)) is out of range", hint: "from a frame to the whole window, in ms",
        span: call.span(of: "bin"))
    }
    let frames = max(1, Int((bin / frameMs).rounded()))
    // A single frame at the end does not get a wide bin of its own.
    let last = frames > 1 && (!isTrial || call.isGiven("to")) ? to - 1 : to
    return EventWindows(lags: from...last, binFrames: frames)
  }

  private static func ms(_ frames: Int, _ frameMs: Double) -> String { text(Double(frames) * frameMs) }

  private static func text(_ number: Double) -> String { NumberText.significant(number, digits: 4) }
}
