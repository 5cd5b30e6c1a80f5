import Base
import Language
import Metrics
import Recordings
import Session
import Workspace

/// Measures each cell's tuning to gratings, in the data and in the twin.
struct TuningCommand: Command {
  static let signature = Signature(
    "tuning", in: "evaluation", "Tuning to gratings, data and twin: orientation, spatial frequency, F1/F0"
  )
  .argument("subject", .object(kinds: ["twin"]), "The twin")
  .argument("stimulus", .stimulus, "The recording's stimulus, with gratings", keyword: "on")
  .tableName()
  .frames()
  .flag("cell", .cell, "Only this cell")
  .flag(
    "by", .choice(["orientation", "frequency"]),
    "Return the tuning curves: a row for each cell and orientation, or spatial frequency"
  )
  .flag(
    "longest-lag", .float, default: .double(150), unit: "ms", "Longest lag from the grating to the response to try"
  )
  .flag("phase-column", .int, "Column of the phase to use, counted from 0, where the recording has several")
  .replace()
  .returns(.table(TuningTable.summaryColumns.signatures))
  .returns(TuningTable.orientationColumns.signatures, when: .says("by", "orientation"))
  .returns(TuningTable.frequencyColumns.signatures, when: .says("by", "frequency"))
  .searchTerms(
    "gratings", "orientation selectivity", "osi", "circular variance", "spatial frequency", "f1/f0", "phase", "simple",
    "complex", "tuning curve"
  )
  .details(
    """
    The recording must say for each frame which grating was shown: `ori` or `orientation` in degrees, `sf` or \
    `spatial_frequency` (frames with none above 0 are blanks), `stim_phase` or `phase` in radians. vcsh averages the responses \
    over all frames of a condition, at the lag after the grating at which these averages vary most. Data and twin each have \
    their own lag. Noise alone makes an OSI and an F1/F0 above 0.

    With --by, each curve is taken at its own lag; the orientation curve at the data's preferred spatial frequency.
    """)

  static let examples = [
    Example("help tuning", "What a recording needs for it; the demo's recordings show no gratings")
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
          subject.predictions, cell: cell, conditions: conditions, stretches: clock.stretches,
          phase: gratings.phase, lags: 0...Int(longest.rounded())))
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
      + (gratings.phaseColumns.map { "; the phase has \($0) columns: choose one with --phase-column" } ?? "")
    try session.keep(table, for: call, parent: subject.version)
    return .table(table)
  }
}

extension TuningCommand: AsksFrames {}
