import Analysis
import Base
import Formats
import Language
import Session
import Workspace

/// Receptive fields of every cell, from the data and from the twin's rates.
struct STACommand: Command {
  static let signature = Signature(
    "sta", in: "evaluation", "Receptive fields of data and twin: latency, SNR, place, extent, and how similar they are"
  )
  .argument("subject", .object(kinds: ["twin"]), "The twin")
  .tableName()
  .measuredFields()
  .flag("save", .path, "Also write all maps to this .npz file for numpy")
  .writes("save")
  .replace()
  .returns(.table(FieldTable.shape.signatures))
  .searchTerms(
    "spike-triggered average", "spike triggered", "receptive field", "ste", "energy", "reverse correlation", "latency",
    "modulation index", "whitened", "kernel"
  )
  .details(
    """
    The STA averages the frames before each response, weighted by the counts (data) or by the predicted rates (model); the \
    STE averages their squares. Both are z-scores relative to a cell that does not respond to the stimulus. Frames are those of all \
    valid trials unless --split names others. Lag 0 is the response's own bin. SNR is the largest |z| at the peak lag divided \
    by the spread of the map at lag 0; the modulation index is (STE - STA) / (STE + STA) of the two SNRs. Centres are in \
    pixels from the middle of the stimulus, y down, as in `neurons`; the area counts pixels around the peak above half its \
    height. With --whiten, maps and z-scores are VisionCore's. VisionCore also drops frames at which the eye moves; \
    --max-eye-speed 5 does that here. The eye's speed is the distance from the previous to the next frame of the trial, \
    divided by their distance in time. VisionCore computes it on the evaluated frames, training trials first, so that it also drops frames beside a gap.

    --save writes sta_robs, ste_robs, sta_rhat, ste_rhat (cell, lag, y, x) of the frames as they are; zsta_* and zste_*, from \
    which the table is read; cids; and with --whiten whiten_mu and whiten_mu2. Undefined numbers are NaN there.
    """)

  static let examples = [
    Example("sta twin on sim/gaborium", "Latency, place and extent of every cell, data and model"),
    Example(
      "sta twin on sim/gaborium | where snr > 6 | select cid peak_lag peak_lag_model r_sta | sort r_sta --reverse",
      "Cells with a clear field: does the model respond to the same pixels at the same time?"),
    Example(
      "sta twin on sim/gaborium --whiten --map ste --save /tmp/vcsh-example-sta.npz", "VisionCore's maps, for numpy"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let path = try call.optionalString("save").map { try session.output($0) }
    if let path, !path.hasSuffix(".npz") {
      throw Failure(.usage, "--save writes .npz", hint: "name a file such as sta.npz", span: call.span(of: "save"))
    }
    let wanted = try FieldCall(call, in: session)
    let fields = try wanted.measure(keepsPlain: path != nil)
    if let path {
      try NpzWriter.write(FieldArrays(fields).arrays, to: path)
      try session.wrote(path)
    }
    let origin = wanted.origin
    let rows = FieldTable.rows(fields, map: wanted.map)
    let clear = rows.count { $0.isClear }
    let table = FieldTable.shape.table(
      rows,
      note: "\(origin.label), split \(origin.split), \(fields.frameCount) frames, \(fields.lagCount) lags"
        + (wanted.measurement.isWhitened ? ", whitened" : "") + (fields.eyeSpeedNote.map { ", \($0)" } ?? "")
        + "; \(clear) of \(rows.count) cells have a field that stands clear of the noise")
    try session.keep(table, for: call, parent: origin.version)
    return .table(table)
  }
}
