import Base
import Language
import Recordings
import Session

/// Finds saccades in a recording's eye positions.
struct SaccadesCommand: Command {
  static let signature = Signature(
    "saccades", in: "evaluation", "Finds the saccades of a recording by the velocity of the eye"
  )
  .argument("stimulus", .stimulus, "The recording's stimulus")
  .tableName()
  .saccadeDetection()
  .replace()
  .returns(.table(SaccadeTable.columns.signatures))
  .searchTerms(
    "eye movements", "microsaccades", "fixation", "velocity", "Engbert", "Kliegl", "eyepos", "gaze", "main sequence"
  )
  .details(
    """
    The method is that of Engbert & Kliegl (2003). A frame is fast if its velocity lies outside an ellipse of lambda robust \
    standard deviations on each axis. Consecutive fast frames are a saccade. Positions are those of `eyepos`, in degrees. No \
    velocity spans the border of a trial, a gap in time (`t_bins`) or a frame without valid gaze (`dpi_valid`). Saccades that \
    such a border cuts off are left out; the note below the table counts them. Onset and offset are the first and the last \
    fast frame.
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
      .init(
        role: "stimulus", version: source.record.id, detail: "\(source.label), file \(source.fingerprint.prefix(12))"))
    let table = SaccadeTable(detector: detector, gaze: gaze, detection: detection).table
    try session.keep(table, for: call, parent: source.record.id)
    return .table(table)
  }
}
