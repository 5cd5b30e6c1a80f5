import Analysis
import Base
import Fitting
import Language
import Metrics
import Recordings
import Session
import Twin

extension Session {
  /// Every cell's part of the masked Poisson loss over a split, and of its gradients.
  ///
  /// - Returns: the parts, and over how many frames.
  /// - Throws: `unsupported` where the readout's slopes are not known; as `Predictor.sums`.
  func lossParts(
    of twin: LoadedTwin, head: Int, on source: LoadedStimulus, split: Split
  ) throws -> (parts: LossParts, frameCount: Int) {
    let readouts = try StoredReadouts(of: twin, head: head)
    let stimulus = source.stimulus
    // Rates of their own, as every score has them: features are kept in half precision.
    let (sums, _) = try Predictor(session: self).sums(of: twin, head: head, on: source, split: split)
    let valid = try stimulus.validFrames()
    let frames = try stimulus.frames(split, among: valid)
    let features = try CoreFeatures(session: self).features(
      of: twin, adapter: head, on: source, frames: frames, among: valid)
    let gradients = try LossGradients(
      features: features, counts: stimulus.counts().gathering(rows: frames),
      mask: stimulus.mask().gathering(rows: frames), readouts: readouts.cells, hasBias: readouts.hasBias, work: work)
    let means = try trainingMeans(stimulus, valid, split, sums)
    return (LossParts(cids: stimulus.cids, sums: sums, gradients: gradients, trainingMeans: means), frames.count)
  }

  /// Masked mean count of each cell on the training trials; on the frames that were asked for where no trials are known.
  private func trainingMeans(
    _ stimulus: Stimulus, _ valid: [Int], _ split: Split, _ sums: [MaskedSums]
  ) throws -> [Double?] {
    guard split != .train, stimulus.hasTrials else { return sums.map { $0.weight > 0 ? $0.meanCount : nil } }
    var spikes = [Double](repeating: 0, count: stimulus.cellCount)
    var bins = spikes
    try stimulus.eachSpan(of: stimulus.frames(.train, among: valid)) { span in
      for (index, weight) in span.mask.values.enumerated() where weight > 0 {
        let cell = index % stimulus.cellCount
        bins[cell] += Double(weight)
        spikes[cell] += Double(weight) * Double(span.counts.values[index])
      }
    }
    return zip(spikes, bins).map { $1 > 0 ? $0 / $1 : nil }
  }
}
