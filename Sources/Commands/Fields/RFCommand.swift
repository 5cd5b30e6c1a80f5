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
  .flag("gradient", "Also show the mean gradient of the predicted rate at the windows that the cell was shown")
  .flag("windows", .int, default: .int(256), "Maximum number of windows for --gradient, spread evenly over the frames")
  .flag("figure", .path, "Also write the figures to this file (.svg, .png or .pdf)")
  .writes("figure")
  .returns(.report)
  .searchTerms("receptive field", "sta", "ste", "map", "contour", "latency", "kernel")
  .details(
    """
    Maps are z-scores at the peak lag, each on a symmetric scale around 0; the outline surrounds the pixels that \
    count as the field. The time course is that of the pixel with the largest |z|. `help sta` explains the numbers. \
    --gradient shows what the model itself responds to: unlike its STA, the gradient is not blurred by correlations in \
    the stimulus.
    """)

  static let examples = [
    Example("rf twin 8 on sim/gaborium", "Cell 8: the receptive field in the data and in the model"),
    Example("rf twin 8 on sim/gaborium --gradient --windows 64", "The same, with what the model's rate depends on"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    if call.isGiven("windows"), !call.isSet("gradient") {
      throw Failure(
        .usage, "--windows does nothing without --gradient", hint: "add --gradient, or leave it out",
        span: call.span(of: "windows"))
    }
    let wanted = try FieldCall(call, in: session)
    let cid = try call.int("cid")
    let cell = try wanted.source.stimulus.cids.place(of: cid, in: wanted.source.label, at: call.span(of: "cid"))
    let fields = try wanted.measure(cells: [cell])
    let gradient = call.isSet("gradient") ? try Self.gradient(call, wanted, cell: cell, cid: cid) : nil
    let origin = wanted.origin
    let place = origin.session.isEmpty ? "" : " of \(origin.session)"
    let report = FieldReport(
      fields: fields, row: FieldTable.row(fields, 0, map: wanted.map),
      title: "cell \(cid)\(place): \(origin.label)", gradient: gradient
    ).make()
    try session.draw(report.figures, for: call)
    return .report(report)
  }

  private static func gradient(_ call: Call, _ wanted: FieldCall, cell: Int, cid: Int) throws -> ModelGradient {
    let limit = try call.count("windows", in: 1...100_000)
    let shown = try ShownWindows(
      wanted.session, wanted.twin, wanted.source, head: wanted.head, cell: cell, cid: cid)
    let (values, count) = try shown.meanGradient(split: wanted.split, limit: limit)
    return ModelGradient(lags: wanted.source.stimulus.lags ?? [], values: values, count: count)
  }
}
