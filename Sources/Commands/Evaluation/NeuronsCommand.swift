import Analysis
import Base
import Language
import Recordings
import Session

/// The table behind `neuron`: one row a cell.
struct NeuronsCommand: Command {
  static let signature = Signature(
    "neurons", in: "evaluation", "One row per cell: rate, scores on training and held-out trials, gain, offset, readout"
  )
  .subject()
  .tableName()
  .head()
  .behavior()
  .flag("calibrated", "Apply the calibration that `calibrate` stored for this stimulus")
  .replace()
  .returns(.table(CellSummary.shape.signatures))
  .searchTerms("cells", "units", "all neurons", "table", "overview")
  .details(
    "Columns that end in _train are of the training trials; all other scores are of the held-out trials. Readout centres and widths are in pixels of the stimulus from its centre."
  )

  static let examples = [
    Example(
      "neurons twin on sim/gaborium | where bits_per_spike < 0.1 | sort rate_hz | head 10",
      "Badly predicted cells, lowest rates first")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let views = try CellViews(call, in: session)
    let summaries = try views.summaries(session: session)
    let table = CellSummary.shape.table(
      summaries,
      note: CellFinding.note(views.label, CellFinding.losing(summaries.map(\.heldOut.bitsPerSpike.value))))
    try session.keep(table, for: call, parent: views.subject.version)
    return .table(table)
  }
}

extension NeuronsCommand: AsksFrames {
  static let splits: [Split] = [.train, .val]
}
