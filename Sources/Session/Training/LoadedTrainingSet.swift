import Base
import Recordings
import Training

/// A stimulus of an open recording as a trainer sees it.
package struct LoadedTrainingSet: TrainingSet {
  package let label: String
  package let session: String
  package let head: Int
  package let trainingFrames: [Int]
  package let validationFrames: [Int]
  package let meanCounts: [Double?]
  private let inputs: TwinInputs
  private let counts: Tensor
  private let mask: Tensor

  /// - Throws: `undefined` where no frame is left to train on; as `TwinInputs` for a recording that does not fit the twin.
  package init(_ twin: LoadedTwin, head: Int, _ loaded: LoadedStimulus, in session: Session) throws {
    try Predictor(session: session).checkCells(twin, head: head, loaded)
    label = loaded.label
    self.session = loaded.session
    self.head = head
    inputs = try TwinInputs(twin, head: head, loaded, for: .rates)
    let valid = try loaded.stimulus.validFrames()
    trainingFrames = try loaded.stimulus.frames(.train, among: valid)
    validationFrames = try loaded.stimulus.frames(.val, among: valid)
    guard !trainingFrames.isEmpty else {
      throw Failure(
        .undefined, "\(loaded.label) has no valid frame to train on",
        hint: "`show \(loaded.recordingName)` tells how many bins are valid")
    }
    counts = try loaded.stimulus.counts()
    mask = try loaded.stimulus.mask()
    meanCounts = try loaded.stimulus.meanCounts(over: trainingFrames)
  }

  package func batch(_ frames: [Int]) throws -> TrainingBatch {
    var batch = try responses(frames)
    batch.input = try inputs.input(frames: frames)
    return batch
  }

  package func responses(_ frames: [Int]) throws -> TrainingBatch {
    let count = counts.shape[0]
    if let wrong = frames.first(where: { !(0..<count).contains($0) }) {
      throw Failure(.mismatch, "\(label) has no frame \(wrong): its frames are 0 to \(count - 1)")
    }
    return TrainingBatch(
      input: .init(), counts: counts.gathering(rows: frames), mask: mask.gathering(rows: frames))
  }
}
