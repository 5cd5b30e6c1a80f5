import Base
import Fitting
import Language
import Session
import Workspace

/// Fits gain and offset per cell to predictions and scores them on trials that were not fitted.
struct CalibrateCommand: Command {
  static let signature = Signature(
    "calibrate", in: "fitting", "Fits a gain and an offset per cell, scored on trials that were not fitted"
  )
  .effect(.changes, changing: "calibration of {object} on {stimulus}")
  .subject()
  .tableName()
  .frames()
  .flag(
    "mode", .choice(CalibrationMode.allCases.map(\.rawValue)), default: .string(CalibrationMode.affine.rawValue),
    "What may change"
  )
  .flag("in-sample", "Fit and score on the same bins")
  .replace()
  .returns(
    .table([
      ColumnSignature("cid", "int", "The cell's id in its recording"),
      ColumnSignature(
        "gain", "float", "What the predicted rate is multiplied by; 1: right as it is, 0: the prediction does not help"),
      ColumnSignature("offset", "float", unit: "counts/bin", "What is added to the predicted rate after the gain"),
      ColumnSignature("bits_per_spike", "float", unit: "bits/spike"),
      ColumnSignature("bits_per_spike_gain", "float", unit: "bits/spike", "Held-out score with a gain alone"),
      ColumnSignature("bits_per_spike_calibrated", "float", unit: "bits/spike", "Held-out score with gain and offset"),
      ColumnSignature("nll_calibrated", "float", unit: "nats/bin", "Held-out Poisson loss with gain and offset"),
      ColumnSignature("converged", "bool", "Whether the fit reached its optimum"),
      ColumnSignature("reason", "string", "Why numbers of this row are undefined"),
    ])
  )
  .searchTerms("rescale", "gain", "offset", "affine", "scale", "fit")
  .details(
    """
    rate = gain * rate + offset, the Poisson likelihood's optimum over gain >= 0 and every offset that keeps the rates \
    positive. Every other trial is one half: each half is scored with what was fitted on the other, so three scores stand \
    on the same held-out bins: as predicted, with a gain alone, with gain and offset. gain and offset themselves are \
    fitted on all bins. --calibrated in eval, predict and neuron applies the last calibration of a stimulus: to trials that \
      took part in it what was fitted on the other half, to others the fit to all bins.
    """)

  static let examples = [
    Example("calibrate twin on sim/gaborium --split all", "Gain and offset of every cell"),
    Example(
      "calibrate twin on sim/gaborium --split all --mode gain | select cid gain bits_per_spike_gain | head 3",
      "A gain alone"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let subject = try session.subject(call)
    let mode = CalibrationMode(rawValue: try call.string("mode")) ?? .affine
    let calibration = try Calibrator.calibrate(
      subject.predictions, mode: mode, inSample: call.isSet("in-sample"), work: session.work)
    session.store(calibration, of: subject)
    let table = CalibrationTable.make(calibration, of: subject)
    try session.keep(table, for: call, parent: subject.version)
    return .table(table)
  }
}

/// A calibration as the table that users see.
enum CalibrationTable {
  static func make(_ calibration: Calibration, of subject: Subject) -> Table {
    let cells = calibration.cells
    return Table(
      [
        Column("cid", cells.map(\.cid)),
        Column("gain", cells.map(\.gain)),
        Column("offset", cells.map(\.offset), unit: "counts/bin"),
        Column("bits_per_spike", cells.map(\.bitsPerSpike), unit: "bits/spike"),
        Column("bits_per_spike_gain", cells.map(\.bitsPerSpikeGain), unit: "bits/spike"),
        Column("bits_per_spike_calibrated", cells.map(\.bitsPerSpikeCalibrated), unit: "bits/spike"),
        Column("nll_calibrated", cells.map(\.nllCalibrated), unit: "nats/bin"),
        Column("converged", cells.map(\.converged)),
        Column("reason", cells.map(\.reason)),
      ],
      note: "\(subject.label), split \(subject.split), \(calibration.mode.rawValue), "
        + (calibration.heldOut
          ? "scored on the half of the trials that was not fitted" : "in-sample: scored on the bins that were fitted"))
  }
}

extension CalibrateCommand: AsksFrames {}
