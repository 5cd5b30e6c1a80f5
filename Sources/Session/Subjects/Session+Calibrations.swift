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
    let halves = calibration.heldOut ? TrialHalves.assign(subject.predictions) : nil
    let trials = subject.predictions.trials.map { trials in
      guard let halves else { return [Set(trials).sorted()] }
      return [0, 1].map { half in Set(zip(trials, halves).filter { $0.1 == half }.map(\.0)).sorted() }
    }
    let payload = CalibrationPayload(
      mode: calibration.mode.rawValue, inSample: !calibration.heldOut, key: subject.key, trials: trials,
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
    let halves = halves(of: subject.predictions, in: payload)
    let isInSample = payload.inSample && halves.contains { $0 != nil }
    if isInSample {
      note("the calibration was fitted in-sample on trials of these: scores of these rates are not held-out scores")
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
  private func halves(of predictions: Predictions, in payload: CalibrationPayload) -> [Int?] {
    guard let trials = predictions.trials, let fitted = payload.trials else {
      // Without trials only stored predictions are calibrated, and these are always the same rows.
      return payload.inSample
        ? predictions.frames.map { _ in 0 } : TrialHalves.assign(predictions).map { Int($0) }
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
