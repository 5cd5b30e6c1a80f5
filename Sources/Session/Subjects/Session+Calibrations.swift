import Base
import Fitting
import Language
import Metrics
import Workspace

extension Session {
  /// Keeps a calibration so that `--calibrated` finds it.
  package func store(_ calibration: Calibration, of subject: Subject) {
    let cells = calibration.cells.map { cell in
      CalibrationPayload.Cell(
        cid: cell.cid, gain: cell.gain ?? calibration.shared?.gain, offset: cell.offset ?? calibration.shared?.offset,
        halves: cell.halves.map { .init(gain: $0.gain, offset: $0.offset) }, reason: cell.reason)
    }
    let payload = CalibrationPayload(
      mode: calibration.mode.rawValue, inSample: !calibration.heldOut, key: subject.key, bins: calibration.bins,
      session: subject.session, stimulus: subject.stimulus, split: subject.split, cells: cells)
    changes.versions.append(.init(payload, name: nil, parent: subject.version))
  }

  package func storedCalibration(
    of subject: Subject, call: Call
  ) throws -> (record: VersionRecord, payload: CalibrationPayload) {
    if let found = try workspace.calibration(of: subject.key) { return found }
    throw Failure(
      .missing, "no calibration of \(subject.label) is stored",
      hint: "make it with `calibrate \(subject.label)`", span: call.span(of: "calibrated"))
  }

  /// The subject with calibrated rates.
  ///
  /// `CellRescaling` says which fit is applied to which bin. A cell for which the calibration has a reason instead of numbers
  /// has no rates.
  package func calibrated(_ subject: Subject, call: Call) throws -> Subject {
    let (record, payload) = try storedCalibration(of: subject, call: call)
    let known = Dictionary(payload.cells.map { ($0.cid, $0) }, uniquingKeysWith: { first, _ in first })
    let halves = try halves(of: subject, in: payload, call: call)
    let isInSample = payload.inSample && halves.contains { $0 != nil }
    if isInSample {
      note("the calibration was fitted in-sample on bins of these: scores of these rates are not held-out scores")
    }
    let cells = subject.predictions.cids.map { known[$0] }
    var result = subject
    result.predictions = subject.predictions.rescaled(
      by: cells.map { CellRescaling($0, inSample: payload.inSample) }, halves: halves)
    for (cid, cell) in zip(subject.predictions.cids, cells) where cell?.gain == nil || cell?.reason != nil {
      result.uncalibrated.insert(cid)
    }
    changes.inputs.append(
      .init(role: "calibration", version: record.id, detail: "\(payload.mode), fitted on \(payload.split)"))
    result.label += ", calibrated"
    let fit = isInSample ? "in-sample" : "held-out"
    result.rates =
      (subject.rates == "raw" ? "" : "\(subject.rates), then ") + "\(payload.mode) \(fit), fitted on \(payload.split)"
    return result
  }

  /// The half of the calibration that each row took part in; nil for rows that took no part.
  ///
  /// Calibrations of older versions name the trials of each half. Where they had no trials, or a single one, they did not store
  /// which bins were fitted.
  private func halves(of subject: Subject, in payload: CalibrationPayload, call: Call) throws -> [Int?] {
    if let bins = payload.bins { return bins.of(subject.predictions) }
    if payload.inSample, payload.trials == nil { return subject.predictions.frames.map { _ in 0 } }
    guard let trials = subject.predictions.trials, let fitted = payload.trials,
      payload.inSample || fitted.count == 2 && fitted.allSatisfy({ !$0.isEmpty })
    else {
      throw Failure(
        .mismatch,
        "the calibration of \(subject.label) does not say which bins it was fitted to: an older vcsh made it",
        hint: "make it again with `calibrate \(subject.label)`", span: call.span(of: "calibrated"))
    }
    var half: [Int: Int] = [:]
    for (index, list) in fitted.enumerated() {
      for trial in list { half[trial] = index }
    }
    return trials.map { half[$0] }
  }
}

extension CellRescaling {
  fileprivate init(_ cell: CalibrationPayload.Cell?, inSample: Bool) {
    self.init(
      all: cell?.gain.map { GainOffset(gain: $0, offset: cell?.offset ?? 0) },
      halves: inSample ? nil : cell?.halves.map { GainOffset(gain: $0.gain, offset: $0.offset) } ?? [])
  }
}
