import Analysis
import Fitting
import Language
import Metrics
import Recordings

/// Training and held-out predictions of the same cells. Predictions made elsewhere have no training part.
package struct CellViews {
  package var subject: Subject
  package var train: Subject?

  package init(_ call: Call, in session: Session) throws {
    var heldOut = try session.subject(call, split: .val)
    let isCalibrated = call.isSet("calibrated")
    if let twin = heldOut.twin, let source = heldOut.source {
      var training = try session.subject(twin, on: source, split: .train, head: call.optionalString("head"))
      if isCalibrated { training = try session.calibrated(training, call: call) }
      train = training
    }
    if isCalibrated { heldOut = try session.calibrated(heldOut, call: call) }
    subject = heldOut
  }

  /// Summaries of all cells, in the order of the cids.
  package func summaries(session: Session) throws -> [CellSummary] {
    let heldOut = try subject.scores()
    let training = try train.map { try $0.scores() }
    let calibration = try Calibrator.calibrate(subject.predictions, mode: .affine, work: session.work)
    var readouts: [ReadoutGeometry]?
    if let twin = subject.twin, let head = subject.head {
      readouts = try ReadoutGeometry.all(
        of: twin.architecture, from: twin.source, head: head, stimulus: subject.source?.stimulus)
    }
    return heldOut.indices.map { index in
      CellSummary(
        train: training?[index], heldOut: heldOut[index], calibration: calibration.cells[index],
        readout: readouts?[index])
    }
  }

  /// The trials of `subject`: those of stored predictions are of the split with which they were kept.
  package var trials: String {
    train == nil && subject.split != Split.val.rawValue ? subject.split : "held-out"
  }

  package var label: String {
    subject.label + (train == nil ? ": gain" : ", held-out trials: gain") + " and offset fitted to \(subject.trials)"
  }
}
