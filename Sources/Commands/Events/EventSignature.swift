import Base
import Language
import Metrics
import Recordings
import Session

extension Signature {
  /// Settings of the saccade detector.
  func saccadeDetection() -> Signature {
    flag("lambda", .float, default: .double(6), "Smallest velocity of a saccade, in robust standard deviations")
      .flag("min-duration", .float, default: .double(12), unit: "ms", "Ignore shorter saccades; rounded up to frames")
      .flag("min-gap", .float, default: .double(20), unit: "ms", "Join saccades that are closer to each other")
      .flag("samples", .choice(["3", "5"]), "Frames that make a velocity; by default 5 from 200 Hz on, otherwise 3")
      .flag(
        "scale", .choice(SaccadeDetector.Scale.allCases.map(\.rawValue)), default: .string("recording"),
        "What has one standard deviation: the whole recording, or each trial")
  }

  /// The events, and the window around each.
  func events(default kind: EventKind) -> Signature {
    flag(
      "event", .choice(EventKind.allCases.map(\.rawValue)), default: .string(kind.rawValue),
      "Time 0: the beginning of a saccade, its end (fixation), or the beginning of a trial"
    )
    .flag("from", .float, unit: "ms", "Where the window begins; default -100 around a saccade, 0 in a trial")
    .flag(
      "to", .float, unit: "ms",
      "Where the window ends; default 400 around a saccade, the end of the longest trial in a trial"
    )
    .flag("bin", .float, unit: "ms", "Width of a bin, rounded to frames; default one frame")
    .flag("until-next", "End each window at the saccade before and the saccade after")
    .saccadeDetection()
  }
}
