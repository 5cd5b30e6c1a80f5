import Analysis
import Base
import Language
import Recordings
import Session

/// One neuron on one screen.
struct NeuronCommand: Command {
  static let signature = Signature(
    "neuron", in: "evaluation", "One neuron on one screen: scores, calibration, readout, responses"
  )
  .argument("subject", .object(kinds: ["twin", "predictions"]), "A twin, or stored predictions")
  .argument("cid", .cell, "The cell's id")
  .argument(
    "stimulus", .stimulus, "The recording's stimulus; not for stored predictions", keyword: "on", optional: true
  )
  .head()
  .behavior()
  .flag("calibrated", "Apply the calibration that `calibrate` stored for this stimulus")
  .flag("figure", .path, "Also write the figures to this file (.svg, .png or .pdf)")
  .writes("figure")
  .returns(.report)
  .searchTerms("cell", "unit", "inspect", "look", "psth", "raster", "readout")

  static let examples = [Example("neuron twin 3 on sim/fixrsvp", "Cell 3 on repeated trials")]

  func run(_ call: Call, in session: Session) throws -> Value {
    let views = try CellViews(call, in: session)
    let cid = try call.int("cid")
    let cell = try views.subject.predictions.cids.place(of: cid, in: views.subject.label, at: call.span(of: "cid"))
    let summary = try views.summaries(session: session)[cell]
    let place = views.subject.session.isEmpty ? "" : " of \(views.subject.session)"
    let report = NeuronReport(
      views.subject.predictions, cell: cell, summary: summary, title: "cell \(cid)\(place): \(views.subject.label)",
      trials: views.trials
    ).make()
    try session.draw(report.figures, for: call)
    return .report(report)
  }
}

extension NeuronCommand: AsksFrames {
  static let splits: [Split] = [.train, .val]
}
