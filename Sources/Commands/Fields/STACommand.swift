import Base
import Formats
import Language
import Metrics
import Session
import Workspace

/// Receptive fields of every cell, from the data and from the twin's rates.
struct STACommand: Command {
  static let signature = Signature(
    "sta", in: "evaluation", "Receptive fields of data and twin: latency, SNR, place, extent, and how alike they are"
  )
  .argument("subject", .object(kinds: ["twin"]), "The twin")
  .tableName()
  .measuredFields()
  .flag("save", .path, "Also write all maps to this .npz for numpy")
  .writes("save")
  .replace()
  .returns(.table(FieldTable.columns))
  .searchTerms(
    "spike-triggered average", "spike triggered", "receptive field", "ste", "energy", "reverse correlation", "latency",
    "modulation index", "whitened", "kernel"
  )
  .details(
    """
    Frames are weighted by the counts, and by the predicted rates, that follow them: all valid trials unless --split names \
    others. STA averages frames, STE their squares; both are told in z-scores against what a cell that does not look would give. \
    Lag 0 is the response's own bin. SNR is the largest |z| at the peak lag over the spread of the map at lag 0; the \
    modulation index is (STE - STA) / (STE + STA) of the two SNRs. Centres are in pixels from the stimulus's middle, y down, as \
    in `neurons`; the area counts pixels around the peak above half height. With --whiten, maps and z-scores are VisionCore's; it \
    also drops frames at which the eye moves, as --max-eye-speed 5 does here. Speed is half the way from the frame before to the \
    frame after, within a trial; VisionCore takes the evaluated frames for neighbours, training trials first, so that it \
    drops frames beside a gap too.

    --save writes sta_robs, ste_robs, sta_rhat, ste_rhat (cell, lag, y, x) of the frames as they are, zsta_* and zste_* that the \
    table is read off, cids, and with --whiten whiten_mu and whiten_mu2. What is undefined is NaN there.
    """)

  static let examples = [
    Example("sta twin on sim/gaborium", "Latency, place and extent of every cell, data and model"),
    Example(
      "sta twin on sim/gaborium | where snr > 6 | select cid peak_lag peak_lag_model r_sta | sort r_sta --reverse",
      "Cells with a clear field: does the model read the same pixels at the same time?"),
    Example(
      "sta twin on sim/gaborium --whiten --map ste --save /tmp/vcsh-example-sta.npz", "VisionCore's maps, for numpy"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let path = try call.optionalString("save").map { try session.output($0) }
    if let path, !path.hasSuffix(".npz") {
      throw Failure(.usage, "--save writes .npz", hint: "name a file such as sta.npz", span: call.span(of: "save"))
    }
    let measurement = try FieldMeasurement(call, in: session)
    let fields = try measurement.measure(keepsPlain: path != nil)
    if let path {
      try NpzWriter.write(FieldArrays(fields).arrays, to: path)
      try session.wrote(path)
    }
    var table = FieldTable(fields, map: try call.fieldMap).table
    table.note =
      "\(fields.origin.label), split \(fields.origin.split), \(fields.frameCount) frames, \(fields.lagCount) lags"
      + (measurement.isWhitened ? ", whitened" : "") + (fields.eyeSpeedNote.map { ", \($0)" } ?? "")
    try session.keep(table, for: call, parent: fields.origin.version)
    return .table(table)
  }
}
