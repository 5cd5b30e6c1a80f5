import Base

/// Saccades as a table, a row for each.
package struct SaccadeTable {
  private let detector: SaccadeDetector
  private let gaze: GazeTrace
  private let detection: SaccadeDetection

  package init(detector: SaccadeDetector, gaze: GazeTrace, detection: SaccadeDetection) {
    self.detector = detector
    self.gaze = gaze
    self.detection = detection
  }

  package struct Row: Sendable {
    var saccade: Saccade
    var trial: Int?
    /// Seconds from the trial's first frame.
    var onset: Double
    var offset: Double
    var rateHz: Double
  }

  package static let columns = TableShape<Row>([
    .int("trial", "Null where the recording has no trials") { $0.trial },
    .float("onset_s", unit: "s", "First fast frame, from the trial's first frame") { $0.onset },
    .float("offset_s", unit: "s", "Last fast frame, from the trial's first frame") { $0.offset },
    .int("onset_frame", "First fast frame, counted in the recording") { $0.saccade.onset },
    .int("offset_frame", "Last fast frame, counted in the recording") { $0.saccade.offset },
    .float("duration_ms", unit: "ms", "Time of the fast frames") { Double($0.saccade.frameCount) / $0.rateHz * 1000 },
    .float("amplitude_deg", unit: "deg", "Distance from the eye's position at the onset to that at the offset") {
      $0.saccade.amplitude
    },
    .float("peak_speed", unit: "deg/s", "Largest speed of the eye") { $0.saccade.peakSpeed },
    .float("direction_deg", unit: "deg", "0 along the first axis of the eye position, 90 along the second") {
      $0.saccade.direction
    },
  ])

  package var table: Table {
    let times = gaze.clock.trialTimes
    let rows = detection.saccades.map { saccade in
      Row(
        saccade: saccade, trial: gaze.clock.trials.map { $0[saccade.onset] }, onset: times[saccade.onset],
        offset: times[saccade.offset], rateHz: gaze.clock.rateHz)
    }
    return Self.columns.table(rows, note: note)
  }

  /// What was searched, which velocities counted as fast, and what was left out.
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
