import Base
import Language
import Recordings
import Session

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
