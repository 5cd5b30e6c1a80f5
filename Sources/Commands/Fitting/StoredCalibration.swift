import Base
import Fitting
import Language
import Workspace

extension Session {
  /// Keeps a calibration so that `--calibrated` finds it.
  func store(_ calibration: Calibration, of subject: Subject) {
    let cells = calibration.cells.map { cell in
      CalibrationPayload.Cell(
        cid: cell.cid, gain: cell.gain ?? calibration.shared?.gain, offset: cell.offset ?? calibration.shared?.offset,
        halves: cell.halves.map { .init(gain: $0.gain, offset: $0.offset) }, reason: cell.reason)
    }
    let payload = CalibrationPayload(
      mode: calibration.mode.rawValue, inSample: !calibration.heldOut, subject: subject.version,
      session: subject.session, stimulus: subject.stimulus, split: subject.split, cells: cells)
    changes.versions.append(.init(.calibration(payload), name: nil, parent: subject.version))
  }

  /// The newest calibration of the same predictions or the same weights on this stimulus.
  func storedCalibration(
    of subject: Subject, call: Call
  ) throws -> (record: VersionRecord, payload: CalibrationPayload) {
    let candidates = try workspace.calibrations(session: subject.session, stimulus: subject.stimulus)
    if let found = try candidates.first(where: { try isSame($0.payload.subject, subject) }) { return found }
    throw Failure(
      .missing, "no calibration of \(subject.label) is stored",
      hint: "make it with `calibrate \(subject.label)`", span: call.span(of: "calibrated"))
  }

  /// Freezing makes a new version of a twin and changes no rate: what counts are the weights.
  private func isSame(_ version: Int64, _ subject: Subject) throws -> Bool {
    if version == subject.version { return true }
    guard let twin = subject.twin, case .twin(let other) = try workspace.version(version).payload else { return false }
    return other.checkpoint.fingerprint == twin.payload.checkpoint.fingerprint && other.overlay == twin.payload.overlay
  }

  /// The subject with calibrated rates.
  ///
  /// On the very bins that a held-out calibration was made on, each half of the trials gets what was fitted on the other
  /// half: so a score of these rates is not a score on what was fitted. Elsewhere the fit to all bins is applied.
  func calibrated(_ subject: Subject, call: Call) throws -> Subject {
    let (record, payload) = try storedCalibration(of: subject, call: call)
    let sameBins = payload.split == subject.split && !payload.inSample
    if payload.inSample, payload.split == subject.split || payload.split == "all" {
      note("the calibration was fitted in-sample on these bins: scores of these rates are not held-out scores")
    }
    let known = Dictionary(payload.cells.map { ($0.cid, $0) }, uniquingKeysWith: { first, _ in first })
    let predictions = subject.predictions
    let halves = sameBins ? TrialHalves.assign(predictions) : []
    var result = subject
    let width = predictions.cellCount
    for (column, cid) in predictions.cids.enumerated() {
      guard let cell = known[cid], let gain = cell.gain else { continue }
      for row in 0..<predictions.frameCount {
        var scale = GainOffset(gain: gain, offset: cell.offset ?? 0)
        if sameBins, cell.halves.count == 2 {
          let other = cell.halves[1 - Int(halves[row])]
          scale = GainOffset(gain: other.gain, offset: other.offset)
        }
        let index = row * width + column
        let rate = scale.gain * Double(predictions.rates.values[index]) + scale.offset
        result.predictions.rates.values[index] =
          rate < Calibration.smallestRate && scale.offset != 0 ? Float(Calibration.smallestRate) : Float(rate)
      }
    }
    changes.inputs.append(
      .init(
        role: "calibration", version: record.id,
        detail: "\(payload.mode), \(sameBins ? "cross-fitted halves" : "fitted on \(payload.split)")"))
    result.label += ", calibrated"
    return result
  }
}
