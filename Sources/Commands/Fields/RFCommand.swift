import Base
import Language
import Rendering
import Session

/// One cell's receptive field, data and model side by side.
struct RFCommand: Command {
  static let signature = Signature(
    "rf", in: "evaluation", "One cell's receptive field: data and twin side by side, with its time course"
  )
  .argument("subject", .object(kinds: ["twin"]), "The twin")
  .argument("cid", .cell, "The cell's id")
  .measuredFields()
  .flag("figure", .path, "Also write the figures to this file (.svg, .png or .pdf)")
  .writes("figure")
  .returns(.report)
  .searchTerms("receptive field", "sta", "ste", "map", "contour", "latency", "kernel")
  .details(
    """
    Maps are z-scores at the peak lag, each scaled from its lowest to its highest value; the outline surrounds the pixels that \
    count as the field. The time course is that of the pixel with the largest |z|. `help sta` tells what the numbers are.
    """)

  static let examples = [
    Example("rf twin 8 on sim/gaborium", "Cell 8: where and when it looks, and where and when the model says so")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let measurement = try FieldMeasurement(call, in: session)
    let cid = try call.int("cid")
    let cell = try measurement.source.stimulus.cids.place(
      of: cid, in: measurement.source.label, at: call.span(of: "cid"))
    let fields = try measurement.measure(cells: [cell])
    let report = FieldReport(fields: fields, row: FieldTable.row(fields, 0, map: try call.fieldMap)).make()
    if let file = try call.optionalString("figure") {
      let path = try session.output(file)
      try GnuplotFigure.write(report.figures, to: path)
      try session.wrote(path)
    }
    return .report(report)
  }
}
