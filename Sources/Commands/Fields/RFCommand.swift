import Analysis
import Base
import Language
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
    Maps are z-scores at the peak lag, each on a symmetric scale around 0; the outline surrounds the pixels that \
    count as the field. The time course is that of the pixel with the largest |z|. `help sta` explains the numbers.
    """)

  static let examples = [
    Example("rf twin 8 on sim/gaborium", "Cell 8: the receptive field in the data and in the model")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let wanted = try FieldCall(call, in: session)
    let cid = try call.int("cid")
    let cell = try wanted.source.stimulus.cids.place(of: cid, in: wanted.source.label, at: call.span(of: "cid"))
    let fields = try wanted.measure(cells: [cell])
    let origin = wanted.origin
    let place = origin.session.isEmpty ? "" : " of \(origin.session)"
    let report = FieldReport(
      fields: fields, row: FieldTable.row(fields, 0, map: wanted.map),
      title: "cell \(cid)\(place): \(origin.label)"
    ).make()
    try session.draw(report.figures, for: call)
    return .report(report)
  }
}
