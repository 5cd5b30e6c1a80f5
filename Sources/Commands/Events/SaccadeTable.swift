import Base
import Language
import Recordings
import Session

/// Saccades in numbers, one row each.
struct SaccadeTable {
  var detector: SaccadeDetector
  var gaze: GazeTrace
  var detection: SaccadeDetection

  static let columns = [
    ColumnSignature("trial", "int", "Null where the recording knows no trials"),
    ColumnSignature("onset_s", "float", unit: "s", "First fast frame, from the trial's first frame"),
    ColumnSignature("offset_s", "float", unit: "s", "Last fast frame"),
    ColumnSignature("onset_frame", "int", "In the recording"), ColumnSignature("offset_frame", "int"),
    ColumnSignature("duration_ms", "float", unit: "ms", "Time of the fast frames"),
    ColumnSignature("amplitude_deg", "float", unit: "deg", "From where the eye was to where it arrived"),
    ColumnSignature("peak_speed", "float", unit: "deg/s"),
    ColumnSignature(
      "direction_deg", "float", unit: "deg", "0 along the first axis of the eye position, 90 along the second"),
  ]

  var table: Table {
    let found = detection.saccades
    let times = gaze.clock.trialTimes
    return Table(
      [
        Column("trial", found.map { saccade in gaze.clock.trials.map { $0[saccade.onset] } }),
        Column("onset_s", found.map { times[$0.onset] }, unit: "s"),
        Column("offset_s", found.map { times[$0.offset] }, unit: "s"),
        Column("onset_frame", found.map { Optional($0.onset) }),
        Column("offset_frame", found.map { Optional($0.offset) }),
        Column("duration_ms", found.map { Double($0.frameCount) / gaze.clock.rateHz * 1000 }, unit: "ms"),
        Column("amplitude_deg", found.map { Optional($0.amplitude) }, unit: "deg"),
        Column("peak_speed", found.map { Optional($0.peakSpeed) }, unit: "deg/s"),
        Column("direction_deg", found.map { Optional($0.direction) }, unit: "deg"),
      ], note: note)
  }

  /// What was looked at, what counted as fast, and what was left out.
  private var note: String {
    func rounded(_ value: Double) -> String { NumberText.significant(value, digits: 3) }
    let threshold = detection.threshold.map { " than \(rounded($0.x)) x \(rounded($0.y)) deg/s" } ?? ", by trial"
    var parts = [
      "\(detection.saccades.count) saccades in \(detection.frameCount) frames at \(rounded(gaze.clock.rateHz)) Hz",
      "faster\(threshold) (lambda \(rounded(detector.lambda)), velocities of \(detector.velocitySamples) frames)",
    ]
    let left = [
      (gaze.invalidCount, "frames without valid gaze"), (gaze.clock.gapCount, "gaps in time"),
      (detection.shortCount, "too short"), (detection.cutCount, "cut off by a trial's end, a gap or invalid gaze"),
      (detection.unscaledTrials, "trials without a scale"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    if !left.isEmpty { parts.append("left out: \(left.joined(separator: ", "))") }
    if detection.mergedCount > 0 { parts.append("\(detection.mergedCount) joined to the one before") }
    return parts.joined(separator: "; ")
  }
}
