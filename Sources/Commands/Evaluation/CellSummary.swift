import Base
import Fitting
import Language
import Metrics
import Recordings
import Session
import Twin

/// One cell in numbers: scores on training and held-out trials, calibration, readout.
struct CellSummary {
  var cid: CellID
  var train: CellScores?
  var heldOut: CellScores
  var calibration: CellCalibration
  var readout: ReadoutGeometry?

  static let columns = [
    ColumnSignature("cid", "int", "The cell's id in its recording"), ColumnSignature("rate_hz", "float", unit: "Hz"),
    ColumnSignature("spikes", "float"),
    ColumnSignature("valid_bins", "int"),
    ColumnSignature("bits_per_spike_train", "float", unit: "bits/spike", "Score on the training trials"),
    ColumnSignature("bits_per_spike", "float", unit: "bits/spike"),
    ColumnSignature("r_train", "float", "Correlation on the training trials"),
    ColumnSignature("r", "float"),
    ColumnSignature("gain", "float", "What `calibrate` multiplies the predicted rate by; 1: right as it is"),
    ColumnSignature(
      "offset", "float", unit: "counts/bin", "What `calibrate` adds to the predicted rate after the gain"),
    ColumnSignature("bits_per_spike_calibrated", "float", unit: "bits/spike", "Score with gain and offset"),
    ColumnSignature(
      "center_y", "float", unit: "px", "The readout's centre along the height of the stimulus, from its middle"),
    ColumnSignature(
      "center_x", "float", unit: "px", "The readout's centre along the width of the stimulus, from its middle"),
    ColumnSignature("std_y", "float", unit: "px", "The readout's spread along the height, one sigma"),
    ColumnSignature("std_x", "float", unit: "px", "The readout's spread along the width, one sigma"),
    ColumnSignature("reason", "string", "Why numbers of this row are undefined"),
  ]

  static func table(_ cells: [CellSummary], note: String) -> Table {
    Table(
      [
        Column("cid", cells.map { Optional($0.cid) }),
        Column("rate_hz", cells.map(\.heldOut.rateHz.value), unit: "Hz"),
        Column("spikes", collecting: cells.map { Value.whole($0.heldOut.spikes.value) }),
        Column("valid_bins", cells.map { Optional($0.heldOut.validBins) }),
        Column("bits_per_spike_train", cells.map { $0.train?.bitsPerSpike.value }, unit: "bits/spike"),
        Column("bits_per_spike", cells.map(\.heldOut.bitsPerSpike.value), unit: "bits/spike"),
        Column("r_train", cells.map { $0.train?.r.value }),
        Column("r", cells.map(\.heldOut.r.value)),
        Column("gain", cells.map(\.calibration.gain)),
        Column("offset", cells.map(\.calibration.offset), unit: "counts/bin"),
        Column("bits_per_spike_calibrated", cells.map(\.calibration.bitsPerSpikeCalibrated), unit: "bits/spike"),
        Column("center_y", cells.map { $0.readout?.centerY }, unit: "px"),
        Column("center_x", cells.map { $0.readout?.centerX }, unit: "px"),
        Column("std_y", cells.map { $0.readout?.stdY }, unit: "px"),
        Column("std_x", cells.map { $0.readout?.stdX }, unit: "px"),
        Column("reason", cells.map { $0.heldOut.reason ?? $0.calibration.reason }),
      ], note: note)
  }
}

/// Training and held-out predictions of the same cells. Predictions made elsewhere have no training part.
struct CellViews {
  var subject: Subject
  var train: Subject?
  var isCalibrated: Bool

  init(_ call: Call, in session: Session) throws {
    var heldOut = try session.subject(call, split: .val)
    isCalibrated = call.isSet("calibrated")
    if let twin = heldOut.twin, let source = heldOut.source {
      var training = try session.subject(twin, on: source, split: .train, head: call.optionalString("head"))
      if isCalibrated { training = try session.calibrated(training, call: call) }
      train = training
    }
    if isCalibrated { heldOut = try session.calibrated(heldOut, call: call) }
    subject = heldOut
  }

  /// Summaries of all cells, in the order of the cids.
  func summaries(session: Session) throws -> [CellSummary] {
    let heldOut = subject.scores()
    let training = train.map { $0.scores() }
    let calibration = try Calibrator.calibrate(subject.predictions, mode: .affine, work: session.work)
    var readouts: [ReadoutGeometry]?
    if let twin = subject.twin, let head = subject.head {
      readouts = try ReadoutGeometry.all(of: twin, head: head, stimulus: subject.source?.stimulus)
    }
    return heldOut.indices.map { index in
      CellSummary(
        cid: heldOut[index].cid, train: training?[index], heldOut: heldOut[index],
        calibration: calibration.cells[index], readout: readouts?[index])
    }
  }

  var label: String { subject.label + (train == nil ? "" : ", held-out trials") }
}
