import Base
import Language
import Metrics
import Recordings
import Session
import Workspace

/// Orientation, spatial frequency and phase: what gratings tell of every cell and of its model.
struct TuningCommand: Command {
  static let signature = Signature(
    "tuning", in: "evaluation", "Tuning to gratings, data and twin: orientation, spatial frequency, F1/F0"
  )
  .argument("subject", .object(kinds: ["twin"]), "The twin")
  .argument("stimulus", .stimulus, "The recording's stimulus, with gratings", keyword: "on")
  .tableName()
  .frames()
  .flag("cell", .cell, "This cell only")
  .flag(
    "by", .choice(["orientation", "frequency"]), "A row for each orientation or spatial frequency instead: the curves"
  )
  .flag(
    "longest-lag", .float, default: .double(150), unit: "ms", "Lags from the grating to the response that are tried"
  )
  .flag("phase-column", .int, "Column of the phase that counts, from 0, where it has several")
  .replace()
  .returns(.table([]))
  .searchTerms(
    "gratings", "orientation selectivity", "osi", "circular variance", "spatial frequency", "f1/f0", "phase", "simple",
    "complex", "tuning curve"
  )
  .details(
    """
    A recording with gratings says of each frame which was shown: `ori` or `orientation` in degrees, `sf` or \
    `spatial_frequency` (frames with none above 0 are blanks), `stim_phase` or `phase` in radians. Responses are averaged over all \
    frames of a condition, at the lag after it at which they vary most; data and model each have their own. Columns: cid, \
    spikes, lag_ms, ori (vector sum at the preferred sf), osi (1 less the circular variance), sf (strongest over \
    orientations), f1_f0 (by a sine over phase, at the strongest orientation), the same of the model, r (correlation of \
    both over conditions), reason. Noise alone makes an OSI and an F1/F0 above 0.

    With --by: cid, ori or sf, frames, data_hz, model_hz, each curve at its own lag; that of orientation at the data's \
    preferred sf.
    """)

  static let examples = [
    Example("help tuning", "What a recording has to say for it: none of the demo's shows gratings")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let source = try session.loadStimulus(call.string("stimulus"), at: call.span(of: "stimulus"))
    let stimulus = source.stimulus
    let gratings: Gratings
    do {
      gratings = try stimulus.gratings(phaseColumn: call.optionalInt("phase-column"))
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: failure.kind == .mismatch ? "phase-column" : "stimulus"))
    }
    let conditions = try GratingConditions(
      orientation: gratings.orientation, frequency: gratings.frequency, label: source.label)
    let clock = try stimulus.clock()
    let longest = try call.float("longest-lag") / 1000 * clock.rateHz
    guard longest >= 0, longest <= 10_000 else {
      throw Failure(
        .usage, "--longest-lag is out of range", hint: "0 or more, in ms", span: call.span(of: "longest-lag"))
    }
    let cells = try call.optionalInt("cell").map {
      [try stimulus.cids.place(of: $0, in: source.label, at: call.span(of: "cell"))]
    }
    let subject = try session.subject(call)
    var rows: [TunedCell] = []
    for cell in cells ?? Array(subject.predictions.cids.indices) {
      try session.work.cancellation.check()
      rows.append(
        TunedCell(
          subject.predictions, cell: cell, conditions: conditions, gratings: gratings, clock: clock,
          lags: 0...Int(longest.rounded())))
    }
    let tuned = TuningTable(
      cells: rows, conditions: conditions, rateHz: clock.rateHz, hasFrequency: gratings.frequency != nil)
    var table =
      switch try call.optionalString("by") {
      case "orientation": tuned.orientations
      case "frequency": tuned.frequencies
      default: tuned.summary
      }
    let blanks = conditions.shown.count { $0 == nil }
    table.note =
      "\(subject.label), split \(subject.split), \(conditions.orientations.count) orientations, "
      + (gratings.frequency == nil
        ? "no spatial frequency known" : "\(conditions.frequencies.count) spatial frequencies")
      + (blanks > 0 ? ", \(blanks) of \(conditions.shown.count) frames blank" : "")
      + (gratings.phaseColumns.map { "; the phase has \($0) columns: --phase-column chooses one" } ?? "")
    try session.keep(table, for: call, parent: subject.version)
    return .table(table)
  }
}

extension TuningCommand: AsksFrames {}
