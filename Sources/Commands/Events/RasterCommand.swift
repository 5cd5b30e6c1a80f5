import Base
import Language
import Metrics
import Rendering
import Session

/// One cell's spikes event by event, above its rate and the twin's.
struct RasterCommand: Command {
  static let signature = Signature(
    "raster", in: "evaluation", "One cell's spikes trial by trial, above its mean rate and the twin's"
  )
  .argument("subject", .object(kinds: ["twin", "predictions"]), "A twin, or stored predictions")
  .argument("cid", .cell, "The cell's id")
  .argument(
    "stimulus", .stimulus, "The recording's stimulus; not for stored predictions", keyword: "on", optional: true
  )
  .frames()
  .events(default: .trial)
  .flag("calibrated", "Apply the calibration that `calibrate` stored for this stimulus")
  .flag("figure", .path, "Also write the figures to this file (.svg, .png or .pdf)")
  .writes("figure")
  .returns(.report)
  .searchTerms("psth", "trials", "spikes", "dots", "rate", "peri-stimulus", "repeats", "saccade", "fixation")
  .details(
    """
    A dot is a frame with a spike. The rows are events in the order of the recording. The second figure shows the mean rate \
    of the data with its 95% interval over events, and the mean of the twin's rates in the same valid bins. Both are computed \
    as `triggered` does: see `help triggered`.
    """)

  static let examples = [
    Example("raster twin 8 on sim/fixrsvp --split all", "Cell 8 over the repeats of the same images")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let file = try call.optionalString("figure").map { try session.output($0) }
    let aligned = try AlignedSubject(call, cell: "cid", in: session)
    let (subject, kind) = (aligned.subject, aligned.alignment.kind)
    let responses = try aligned.responses(hasIntervals: true, in: session)
    guard let cell = aligned.cells.first, let response = responses.first else {
      throw Failure(.missing, "\(subject.label) has no cell", span: call.span(of: "cid"))
    }
    let raster = ResponseFigure.raster(subject.predictions, cell: cell, try aligned.fineWindows(), of: kind)
    let rates = ResponseFigure.rates(response, of: kind)
    if let file {
      try FigureFile.write([raster, rates], to: file)
      try session.wrote(file)
    }
    var numbers = TriggeredTable.summary([response])
    numbers.note = "\(aligned.alignment.description), split \(subject.split)"
    let place = subject.session.isEmpty ? "" : " of \(subject.session)"
    return .report(
      Report(
        "cell \(response.cid)\(place): \(subject.label)",
        [
          .init("numbers", .table(numbers)), .init("spikes", .figure(raster)),
          .init("rate", .figure(rates)),
        ]))
  }
}

extension RasterCommand: AsksFrames {}
