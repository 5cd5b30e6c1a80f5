import Base
import Fitting
import Metrics

/// One cell in numbers: scores on training and held-out trials, calibration, readout.
package struct CellSummary: Sendable {
  package var cid: CellID
  package var train: CellScores?
  package var heldOut: CellScores
  package var calibration: CellCalibration
  package var readout: ReadoutGeometry?

  package init(
    train: CellScores?, heldOut: CellScores, calibration: CellCalibration, readout: ReadoutGeometry?
  ) {
    cid = heldOut.cid
    self.train = train
    self.heldOut = heldOut
    self.calibration = calibration
    self.readout = readout
  }

  package static let shape = TableShape<CellSummary>([
    .int("cid", "The cell's id in its recording") { $0.cid },
    .float("rate_hz", unit: "Hz") { $0.heldOut.rateHz.value },
    .count("spikes") { $0.heldOut.spikes.value },
    .int("valid_bins") { $0.heldOut.validBins },
    .float("bits_per_spike_train", unit: "bits/spike", "Score on the training trials") {
      $0.train?.bitsPerSpike.value
    },
    .float("bits_per_spike", unit: "bits/spike") { $0.heldOut.bitsPerSpike.value },
    .float("r_train", "Correlation on the training trials") { $0.train?.r.value },
    .float("r") { $0.heldOut.r.value },
    .float("gain", "The factor of `calibrate` on the predicted rate; 1: right as it is") { $0.calibration.gain },
    .float("offset", unit: "counts/bin", "What `calibrate` adds to the predicted rate after the gain") {
      $0.calibration.offset
    },
    .float("offset_hz", unit: "Hz", "The offset in spikes a second; null where the bins' length is not known") {
      $0.calibration.offsetHz
    },
    .float("bits_per_spike_calibrated", unit: "bits/spike", "Score with gain and offset") {
      $0.calibration.bitsPerSpikeCalibrated
    },
    .float("center_y", unit: "px", "The readout's centre along the height of the stimulus, from its middle") {
      $0.readout?.mask.meanY
    },
    .float("center_x", unit: "px", "The readout's centre along the width of the stimulus, from its middle") {
      $0.readout?.mask.meanX
    },
    .float("std_y", unit: "px", "The readout's spread along the height, one sigma") { $0.readout?.mask.stdY },
    .float("std_x", unit: "px", "The readout's spread along the width, one sigma") { $0.readout?.mask.stdX },
    .string("reason", "Why numbers of this row are undefined, or that gain or offset ended at a limit") {
      $0.heldOut.reason ?? $0.calibration.remark
    },
  ])
}
