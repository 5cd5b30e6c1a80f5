import Base
import Foundation
import Language
import Metrics
import Recordings
import Session

/// The events that a call aligns responses to, and the rows of predictions around each.
struct EventAlignment {
  var kind: EventKind
  var windows: EventWindows
  /// `31 of 175 saccades`, for notes.
  var description: String
}

/// Events found before a twin runs: what is missing is told at once.
struct EventSource {
  private let call: Call
  let kind: EventKind
  /// nil where stored predictions are asked.
  let source: LoadedStimulus?
  private let clock: FrameClock?
  /// Frame of each event, and how far its window may reach.
  private var events: [(frame: Int, allowed: ClosedRange<Int>)] = []

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
          .usage, "`\(name)` is a twin: say on which stimulus", hint: "\(call.text.prefix { $0 != "|" }) on REC/STIM",
          span: call.span(of: "subject"))
      }
      guard kind == .trial else {
        throw Failure(
          .usage, "stored predictions know no \(kind.plural)",
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
      return (frame, min(before, frame)...max(after, frame))
    }
    guard !events.isEmpty else {
      throw Failure(
        .undefined, "\(source.label) has no saccade", hint: "`saccades \(source.label)` tells what was left out",
        span: call.span(of: "stimulus"))
    }
  }

  /// Bins of all events together.
  private static let mostBins = 20_000_000

  /// The rows of `subject` around each event.
  ///
  /// - Throws: `Failure(.undefined)` where no event has a row, a usage failure for a window that makes no sense.
  ///
  /// - Parameter isFine: a frame a bin, whatever the call says.
  func alignment(of subject: Subject, isFine: Bool = false) throws -> EventAlignment {
    let predictions = subject.predictions
    let rateHz = clock?.rateHz ?? predictions.rateHz
    guard rateHz.isFinite, rateHz > 0 else {
      throw Failure(.undefined, "\(subject.label): bins per second are not known, so no time is")
    }
    let trials = kind == .trial ? try trialRows(predictions) : []
    let longest = trials.joined().reduce(0) { max($0, $1.lag) }
    var windows = try windows(rateHz: rateHz, longest: longest)
    if isFine { windows = EventWindows(lags: windows.lags) }
    let expected = kind == .trial ? trials.count : events.count
    guard windows.bins.count <= Self.mostBins / max(1, expected) else {
      throw Failure(
        .usage, "\(expected) \(kind.plural) with \(windows.bins.count) bins each are too many to hold",
        hint: "a narrower window (--from, --to) or wider bins (--bin)",
        span: ["to", "from", "bin"].first(where: call.isGiven).flatMap { call.span(of: $0) } ?? call.span)
    }
    let count: Int
    if kind == .trial {
      count = trials.count
      for trial in trials { windows.add(trial) }
    } else {
      count = events.count
      let rowOfFrame = Dictionary(
        predictions.frames.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
      let stretches = clock?.stretches ?? []
      let lags = windows.lags
      for event in events {
        try Cancellation.current?.check()
        let places = lags.lazy.compactMap { lag -> (lag: Int, row: Int)? in
          let frame = event.frame + lag
          guard event.allowed.contains(frame), stretches.indices.contains(frame),
            stretches[frame] == stretches[event.frame], let row = rowOfFrame[frame]
          else { return nil }
          return (lag, row)
        }
        windows.add(places)
      }
    }
    guard windows.eventCount > 0 else {
      throw Failure(
        .undefined,
        "\(subject.label): none of its \(count) \(kind.plural) has an evaluated frame around it in split `\(subject.split)`",
        hint: subject.split == "all"
          ? "change --from and --to" : "change --from and --to, or ask for more with --split all",
        span: call.span(of: "subject"))
    }
    let isRepeat = kind == .trial && predictions.trialBins != nil
    return EventAlignment(
      kind: kind, windows: windows,
      description: (windows.eventCount == count ? "\(count)" : "\(windows.eventCount) of \(count)") + " \(kind.plural)"
        + (isRepeat ? " by their place in the repeated sequence" : ""))
  }

  /// Rows of each trial with their frame in it: its place in the repeated sequence where there is one, else the time since
  /// the trial began.
  private func trialRows(_ predictions: Predictions) throws -> [[(lag: Int, row: Int)]] {
    var order: [Int] = []
    var rows: [Int: [(lag: Int, row: Int)]] = [:]
    if let bins = predictions.trialBins {
      var trial = 0
      for row in bins.indices where bins[row] >= 0 {
        if let trials = predictions.trials {
          trial = trials[row]
        } else if row > 0, bins[row] <= bins[row - 1] {
          trial += 1
        }
        if rows[trial] == nil { order.append(trial) }
        rows[trial, default: []].append((bins[row], row))
      }
    } else if let clock, let trials = clock.trials {
      let times = clock.trialTimes
      for (row, frame) in predictions.frames.enumerated() where trials.indices.contains(frame) {
        // A time that is off by years is a gap in the file's clock, not a lag.
        guard let lag = Int(exactly: (times[frame] * clock.rateHz).rounded()), abs(lag) < 1 << 40 else { continue }
        if rows[trials[frame]] == nil { order.append(trials[frame]) }
        rows[trials[frame], default: []].append((lag, row))
      }
    } else {
      throw Failure(
        .undefined, "these predictions do not say where a trial begins",
        hint: "name a twin and a stimulus: `\(call.signature.name) TWIN … on REC/STIM`", span: call.span(of: "subject"))
    }
    return order.compactMap { rows[$0] }
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
    // A frame at the very end begins no wide bin of its own.
    let last = frames > 1 && (!isTrial || call.isGiven("to")) ? to - 1 : to
    return EventWindows(lags: from...last, binFrames: frames)
  }

  private static func ms(_ frames: Int, _ frameMs: Double) -> String { text(Double(frames) * frameMs) }

  private static func text(_ number: Double) -> String { NumberText.significant(number, digits: 4) }
}
