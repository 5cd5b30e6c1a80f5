import Base
import Fitting
import Formats
import Metrics

/// How much of a training run's say over the core each cell has.
struct TrainingShares {
  /// Share of the gradient that cells send into the core, by position; nil where undefined.
  let core: [Double?]
  /// What inverse-rate weights would multiply the cell's loss by.
  let weights: [Double?]

  /// - Returns: nil where it is not known that the head was trained on the stimulus with the core, or its readout's slopes are not known.
  init?(of twin: LoadedTwin, head: Int, on source: LoadedStimulus, _ predictions: Predictions, session: Session) throws
  {
    guard let trained = try session.trainedStimuli(of: twin.payload), trained.contains(source.stimulus.name),
      !(try Self.isChanged(twin, head: head, session: session))
    else { return nil }
    guard ReadoutHead.obstacle(to: twin, adapter: head) == nil else { return nil }
    let readouts = try StoredReadouts(of: twin, head: head)
    let train = Set(try source.stimulus.frames(.train, among: predictions.frames))
    let rows = predictions.frames.indices.filter { train.contains(predictions.frames[$0]) }
    guard !rows.isEmpty else { return nil }
    let kept = predictions.gathering(rows: rows)
    let features = try CoreFeatures(session: session).features(
      of: twin, adapter: head, on: source, frames: kept.frames, among: predictions.frames)
    let gradients = try LossGradients(
      features: features, counts: kept.counts, mask: kept.mask, readouts: readouts.cells, hasBias: readouts.hasBias,
      work: session.work)
    let sums = (0..<kept.cellCount).map { MaskedSeries(kept, cell: $0).sums }
    let parts = LossParts(
      cids: kept.cids, sums: sums, gradients: gradients,
      trainingMeans: sums.map { $0.weight > 0 ? $0.meanCount : nil })
    core = parts.shares(.core)
    weights = parts.cells.map(\.weight)
  }

  /// Whether a head's readout was made or changed after training.
  private static func isChanged(_ twin: LoadedTwin, head: Int, session: Session) throws -> Bool {
    guard let overlay = twin.payload.overlay else { return false }
    return try NpzArchive(path: session.workspace.objects.path(of: overlay)).arrayNames
      .contains { $0.hasPrefix("readouts.\(head).") }
  }
}
