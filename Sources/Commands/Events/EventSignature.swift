import Base
import Foundation
import Language
import Recordings

extension Signature {
  /// How saccades are told from the rest.
  func saccadeDetection() -> Signature {
    flag("lambda", .float, default: .double(6), "How many robust standard deviations a velocity needs to be fast")
      .flag("min-duration", .float, default: .double(12), unit: "ms", "Shorter ones are none; rounded up to frames")
      .flag("min-gap", .float, default: .double(20), unit: "ms", "Saccades closer to each other are one")
      .flag("samples", .choice(["3", "5"]), "Frames that a velocity is made of: 5 from 200 Hz on, else 3")
      .flag(
        "scale", .choice(SaccadeDetector.Scale.allCases.map(\.rawValue)), default: .string("recording"),
        "What shares a standard deviation")
  }

  /// Around which events, and how far.
  func events(default kind: EventKind) -> Signature {
    flag(
      "event", .choice(EventKind.allCases.map(\.rawValue)), default: .string(kind.rawValue),
      "What time is counted from: the beginning of a saccade, its end, or the trial's beginning"
    )
    .flag("from", .float, unit: "ms", "Where the window begins: -100 around a saccade, 0 in a trial")
    .flag("to", .float, unit: "ms", "Where it ends: 400 around a saccade, the end of the longest trial")
    .flag("bin", .float, unit: "ms", "Width of a bin, rounded to frames: one frame where it is not given")
    .flag("until-next", "Leave out what lies beyond the saccade before and after")
    .saccadeDetection()
  }
}

/// What responses are aligned to.
enum EventKind: String, CaseIterable {
  case saccade, fixation, trial

  var plural: String {
    switch self {
    case .saccade: "saccades"
    case .fixation: "fixations"
    case .trial: "trials"
    }
  }
}

extension SaccadeDetector {
  /// What the flags of `saccadeDetection` ask for.
  ///
  /// - Throws: a usage failure for a number that makes no sense.
  init(_ call: Call, rateHz: Double) throws {
    func number(_ flag: String, least: Double) throws -> Double {
      let value = try call.float(flag)
      guard value.isFinite, value >= least else {
        throw Failure(
          .usage, "--\(flag) \(String(format: "%.4g", value)) is out of range",
          hint: least > 0 ? "a number above 0" : "0 or more", span: call.span(of: flag))
      }
      return value
    }
    self.init(
      rateHz: rateHz, lambda: try number("lambda", least: 1e-6),
      velocitySamples: try call.optionalString("samples").flatMap { Int($0) },
      minimumSeconds: try number("min-duration", least: 0) / 1000,
      minimumGapSeconds: try number("min-gap", least: 0) / 1000,
      scale: Scale(rawValue: try call.string("scale")) ?? .recording)
  }
}

extension Session {
  /// The saccades of a stimulus, as the call's flags want them told.
  func saccades(_ call: Call, in source: LoadedStimulus) throws -> (SaccadeDetector, GazeTrace, SaccadeDetection) {
    do {
      let gaze = try source.stimulus.gaze()
      let detector = try SaccadeDetector(call, rateHz: gaze.clock.rateHz)
      return (detector, gaze, try detector.detect(in: gaze, label: source.label))
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "stimulus"))
    }
  }
}
