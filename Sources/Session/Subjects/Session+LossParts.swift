import Analysis
import Base
import Fitting
import Layers
import Metrics
import Recordings

extension Session {
  /// Every cell's part of the masked Poisson loss over a split, and of its gradients.
  ///
  /// - Returns: the parts, and the number of frames.
  /// - Throws: `unsupported` where the readout's gradients are not known; as `Predictor.sums`.
  package func lossParts(
    of twin: LoadedTwin, head: Int, on source: LoadedStimulus, split: Split
  ) throws -> (parts: LossParts, frameCount: Int) {
    if let obstacle = twin.architecture.obstacleToReadoutGradients(of: twin.name, head: head) {
      throw Failure(.unsupported, obstacle)
    }
    let readout = try GaussianReadout(stored: twin.source, head: head)
    let stimulus = source.stimulus
    // The twin's own rates, as in every score: features are stored in half precision.
    let (sums, _) = try Predictor(session: self).sums(of: twin, head: head, on: source, split: split)
    let valid = try stimulus.validFrames()
    let frames = try stimulus.frames(split, among: valid)
    let features = try CoreFeatures(session: self).features(
      of: twin, adapter: head, on: source, frames: frames, among: valid)
    let gradients = try LossGradients(
      features: features, counts: stimulus.counts().gathering(rows: frames),
      mask: stimulus.mask().gathering(rows: frames), readouts: CellReadout.cells(of: readout),
      hasBias: readout.bias != nil, work: work)
    let means = try trainingMeans(stimulus, valid, split, sums)
    return (LossParts(cids: stimulus.cids, sums: sums, gradients: gradients, trainingMeans: means), frames.count)
  }

  /// Masked mean count of each cell on the training trials; on the frames that were asked for where no trials are known.
  private func trainingMeans(
    _ stimulus: Stimulus, _ valid: [Int], _ split: Split, _ sums: [MaskedSums]
  ) throws -> [Double?] {
    guard split != .train, stimulus.hasTrials else { return sums.map { $0.weight > 0 ? $0.meanCount : nil } }
    return try stimulus.meanCounts(over: stimulus.frames(.train, among: valid))
  }
}
