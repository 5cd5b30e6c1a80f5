import Analysis
import Base
import Fitting
import Formats
import Metrics
import Session

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
    guard !(try source.stimulus.frames(.train, among: predictions.frames)).isEmpty else { return nil }
    let (parts, _) = try session.lossParts(of: twin, head: head, on: source, split: .train)
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
