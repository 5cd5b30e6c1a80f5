import Analysis
import Base
import Fitting
import Language
import Session
import Workspace

/// Fits gain and offset per cell to predictions, and scores them on bins to which they were not fitted.
struct CalibrateCommand: Command {
  static let signature = Signature(
    "calibrate", in: "fitting", "Fits a gain and an offset per cell, scored on bins to which they were not fitted"
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
  .returns(.table(shape.signatures))
  .searchTerms("rescale", "gain", "offset", "affine", "scale", "fit")
  .details(
    """
    rate = gain * rate + offset, the optimum of the Poisson likelihood over gain >= 0 and every offset that keeps the rates \
    positive. Blocks of trials belong to two halves in turn; vcsh scores each half of the bins with the fit from the other half. \
    So three scores refer to the same held-out bins: as predicted, with a gain alone, and with gain and offset. A block lasts \
    at least a second, and longer where rates and counts change slowly; bins at its ends are scored but not fitted. Where \
    trials repeat the same frames, blocks are cut within the trial, and all repeats of a frame are in the same half. The columns \
    gain and offset are fitted to all bins of the split; the offset is in counts/bin, like the rates. --calibrated in eval, \
    predict and neuron applies the last calibration of a stimulus: to bins that took part in it, the fit from the other half; to \
    other bins, the fit to all bins.
    """)

  static let examples = [
    Example("calibrate twin on sim/gaborium --split all", "Gain and offset of every cell"),
    Example(
      "calibrate twin on sim/gaborium --split all --mode gain | select cid gain bits_per_spike_gain | head 3",
      "A gain alone"),
  ]

  static let shape = TableShape<CellCalibration>([
    .int("cid", "The cell's id in its recording") { $0.cid },
    .float("gain", "The factor on the predicted rate; 1: right as it is, 0: the prediction does not help") { $0.gain },
    .float("offset", unit: "counts/bin", "What is added to the predicted rate after the gain") { $0.offset },
    .float("offset_hz", unit: "Hz", "The offset in spikes a second; null where the bins' length is not known") {
      $0.offsetHz
    },
    .float("bits_per_spike", unit: "bits/spike") { $0.bitsPerSpike },
    .float("bits_per_spike_gain", unit: "bits/spike", "Held-out score with a gain alone") { $0.bitsPerSpikeGain },
    .float("bits_per_spike_calibrated", unit: "bits/spike", "Held-out score with gain and offset") {
      $0.bitsPerSpikeCalibrated
    },
    .float("nll_calibrated", unit: "nats/bin", "Held-out Poisson loss with gain and offset") { $0.nllCalibrated },
    .bool("converged", "Whether the fit reached its optimum") { $0.converged },
    .string("reason", "Why numbers of this row are undefined, or that gain or offset ended at a limit") { $0.remark },
  ])

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let subject = try session.subject(call)
    let mode = CalibrationMode(rawValue: try call.string("mode")) ?? .affine
    let calibration = try Calibrator.calibrate(
      subject.predictions, mode: mode, inSample: call.isSet("in-sample"), work: session.work)
    session.store(calibration, of: subject)
    let winning = CellFinding.winning(calibration.cells.map(\.bitsPerSpikeCalibrated)).map { "calibrated, \($0)" }
    let table = Self.shape.table(
      calibration.cells,
      note: CellFinding.note(
        "\(subject.label), split \(subject.split), "
          + (calibration.heldOut
            ? "\(calibration.mode.fitted) fitted to \(subject.trials), scored on the half of the bins that was not fitted, blocks of \(calibration.blockLength ?? 0) bins"
              + (calibration.isByPlace ? " within the repeated trial" : "")
            : "in-sample: \(calibration.mode.fitted) fitted to \(subject.trials) and scored on the same bins"),
        winning))
    try session.keep(table, for: call, parent: subject.version)
    return .table(table)
  }
}

extension CalibrateCommand: AsksFrames {}
