import Base
import Language
import Metrics
import Rendering
import Session
import Workspace

/// Event-triggered averages of data and model.
struct TriggeredCommand: Command {
  static let signature = Signature(
    "triggered", in: "evaluation",
    "Responses around saccades, fixations or trial onsets: data with intervals, and the twin"
  )
  .subject()
  .tableName()
  .frames()
  .events(default: .saccade)
  .flag("calibrated", "Apply the calibration that `calibrate` stored for this stimulus")
  .flag("cell", .cell, "This cell only")
  .flag("summary", "One row a cell: peak times, modulation, and how alike data and model are")
  .flag("figure", .path, "Also draw the cells, twelve at most, into this file (.svg, .png or .pdf)")
  .writes("figure")
  .replace()
  .returns(.table([]))
  .searchTerms(
    "saccade-triggered", "fixation-triggered", "event-triggered average", "psth", "peri-stimulus", "trial average",
    "saccadic modulation", "suppression", "eye movements", "confidence interval"
  )
  .details(
    """
    A row for each cell and bin: time_ms to the middle of the bin, events with a valid bin there, the mean rate of the data \
    with its 95% interval (data_low, data_high: bootstrap over events), and the mean of the twin's rates over the same valid \
    bins. Masked bins never enter, and no window leaves its trial or crosses a gap in time. Trials that repeat are aligned \
    by `psth_inds`, others by their first frame. Stored predictions with repeats can be asked with --event trial.

    With --summary: cid, events, spikes, rate_hz and rate_hz_model over the window, peak_ms and peak_ms_model (the bin with \
    the highest mean), modulation and modulation_model (standard deviation over bins beyond what chance between events \
    gives, over the mean), r (correlation of data and model over bins), reason. `help saccades` tells how saccades are found.
    """)

  static let examples = [
    Example(
      "triggered twin on sim/gaborium --event trial --split all --cell 8 --bin 50 --to 400",
      "The rate of cell 8 after trial onset, in bins of 50 ms"),
    Example(
      "triggered twin on sim/fixrsvp --event trial --split all --summary | sort r --reverse | head 5",
      "Which cells' time course over the repeated images the twin follows"),
    Example(
      "triggered twin on sim/fixrsvp --event trial --split all --cell 8 --figure /tmp/vcsh-example-psth.svg | where data_low > 60",
      "When cell 8 fires, for certain; the figure has data, interval and twin"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let file = try call.optionalString("figure").map { try session.output($0) }
    let isSummary = call.isSet("summary")
    let aligned = try AlignedSubject(call, cell: "cell", in: session)
    let responses = try aligned.responses(hasIntervals: !isSummary || file != nil, in: session)
    if let file {
      try GnuplotFigure.write(
        responses.prefix(Self.drawnCells).map { ResponseFigure.rates($0, of: aligned.alignment.kind) }, to: file)
      try session.wrote(file)
      if responses.count > Self.drawnCells {
        session.note("\(Self.drawnCells) of \(responses.count) cells drawn: --cell CID draws another")
      }
    }
    var table = isSummary ? TriggeredTable.summary(responses) : TriggeredTable.bins(responses)
    let subject = aligned.subject
    table.note = "\(subject.label), split \(subject.split), \(aligned.alignment.description)"
    try session.keep(table, for: call, parent: subject.version)
    return .table(table)
  }

  private static let drawnCells = 12
}

extension TriggeredCommand: AsksFrames {}
