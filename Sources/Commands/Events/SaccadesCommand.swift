import Base
import Language
import Recordings
import Session

/// Finds saccades in a recording's eye positions.
struct SaccadesCommand: Command {
  static let signature = Signature(
    "saccades", in: "evaluation", "Saccades of a recording, found by the velocity of the eye"
  )
  .argument("stimulus", .stimulus, "The recording's stimulus")
  .tableName()
  .saccadeDetection()
  .replace()
  .returns(.table(SaccadeTable.columns))
  .searchTerms(
    "eye movements", "microsaccades", "fixation", "velocity", "Engbert", "Kliegl", "eyepos", "gaze", "main sequence"
  )
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
      .init(
        role: "stimulus", version: source.record.id, detail: "\(source.label), file \(source.fingerprint.prefix(12))"))
    let table = SaccadeTable(detector: detector, gaze: gaze, detection: detection).table
    try session.keep(table, for: call, parent: source.record.id)
    return .table(table)
  }
}
