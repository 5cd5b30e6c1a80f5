import Base
import Language
import Recordings

/// Finds saccades in a recording's eye positions.
struct Saccades: Command {
  static let signature = Signature(
    "saccades", in: "evaluation", "Saccades of a recording, found by the velocity of the eye"
  )
  .argument("stimulus", .stimulus, "The recording's stimulus")
  .tableName()
  .saccadeDetection()
  .replace()
  .returns(.table(SaccadeTable.columns))
  .searchTerms(
    "eye movements", "microsaccades", "fixation", "velocity", "Engbert", "Kliegl", "eyepos", "gaze", "main sequence")
  .details(
    """
    After Engbert & Kliegl (2003): a frame is fast where its velocity lies outside of an ellipse of lambda robust standard \
    deviations on either axis; fast frames in a row are a saccade. Positions are those of `eyepos`, in degrees. No velocity \
    spans the border of a trial, a gap in time (`t_bins`) or a frame without valid gaze (`dpi_valid`); what is cut off by one \
    is left out, and the line below says how many. Onset and offset are the first and the last fast frame: where the eye still \
    was, and where it had arrived. The direction is 0 along the first axis and 90 along the second.
    """)

  static let examples = [
    Example("saccades nova/backimage | head 5", "When, how far and how fast"),
    Example("saccades nova/backimage | plot x=amplitude_deg y=peak_speed --log xy", "The main sequence"),
    Example(
      "saccades nova/backimage --lambda 4 | summarize mean(amplitude_deg) median(duration_ms) count()",
      "With a lower threshold"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let source = try session.loadStimulus(call.string("stimulus"), at: call.span(of: "stimulus"))
    let (detector, gaze, detection) = try session.saccades(call, in: source)
    session.changes.inputs.append(
      .init(role: "stimulus", version: source.record.id, detail: "\(source.label), file \(source.fingerprint.prefix(12))"))
    let table = SaccadeTable(detector: detector, gaze: gaze, detection: detection).table
    try session.keep(table, for: call, parent: source.record.id)
    return .table(table)
  }
}

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
    ColumnSignature("direction_deg", "float", unit: "deg", "0 along the first axis of the eye position, 90 along the second"),
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
    func rounded(_ value: Double) -> String { String(format: "%.3g", value) }
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
