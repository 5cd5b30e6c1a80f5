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
  .flag("cell", .cell, "Only this cell")
  .flag("summary", "Return one row for each cell: peak times, modulation, correlation of data and twin")
  .flag("figure", .path, "Also draw the cells, twelve at most, into this file (.svg, .png or .pdf)")
  .writes("figure")
  .replace()
  .returns(.table(TriggeredTable.binColumns.signatures))
  .returns(TriggeredTable.summaryColumns.signatures, when: .given("summary"))
  .searchTerms(
    "saccade-triggered", "fixation-triggered", "event-triggered average", "psth", "peri-stimulus", "trial average",
    "saccadic modulation", "suppression", "eye movements", "confidence interval"
  )
  .details(
    """
    The table has a row for each cell and bin. Masked bins are never counted, and no window leaves its trial or crosses a \
    gap in time. Trials that repeat a sequence are aligned by `psth_inds`, other trials by their first frame. Stored \
    predictions with repeats work with --event trial. The intervals are 95% bootstrap intervals over events.

    With --summary the table has a row for each cell. `help saccades` describes how saccades are found.
    """)

  static let examples = [
    Example(
      "triggered twin on sim/gaborium --event trial --split all --cell 8 --bin 50 --to 400",
      "The rate of cell 8 after trial onset, in bins of 50 ms"),
    Example(
      "triggered twin on sim/fixrsvp --event trial --split all --summary | sort r_course --reverse | head 5",
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
      try FigureFile.write(
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
