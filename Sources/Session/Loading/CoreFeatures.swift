import Base
import Fitting

/// A frozen core's last-step features, computed once and kept by content.
package struct CoreFeatures {
  package let session: Session

  package init(session: Session) { self.session = session }

  /// Features of `frames`, some of all `valid` ones, under the adapter of one head, row by row.
  package func features(
    of twin: LoadedTwin, adapter: Int, on source: LoadedStimulus, frames: [Int], among valid: [Int]
  ) throws -> CachedFeatures {
    let blocks = FrameBlocks(
      session: session, kind: .features,
      answer: Predictor.key(CachedKind.features.answerName, twin, head: adapter, source),
      twin: twin.name, stimulus: source.label)
    let inputs = try TwinInputs(twin, head: adapter, source, for: .coreFeatures)
    let kept = try blocks.complete(frames, among: valid) {
      try compute($0, in: $1, of: twin, adapter: adapter, from: inputs)
    }
    return CachedFeatures(kept: kept, frames: frames, rowShape: try kept.rowShape())
  }

  /// Features of a few frames, from the stimulus: `[frame, channel, height, width]`.
  private func compute(
    _ frames: [Int], in groups: [Range<Int>], of twin: LoadedTwin, adapter: Int, from inputs: TwinInputs
  ) throws -> Tensor {
    let input = try inputs.input(frames: frames, groups: groups)
    return try twin.network(head: adapter).coreFeatures(input, head: adapter, work: session.work)
  }
}

/// Features in the workspace, read block by block.
package struct CachedFeatures: FeatureSource {
  package let kept: KeptRows
  /// Frame of each row.
  package let frames: [Int]
  let rowShape: [Int]

  package var rowCount: Int { frames.count }
  package var channels: Int { rowShape[0] }
  package var height: Int { rowShape[1] }
  package var width: Int { rowShape[2] }

  package func block(_ rows: Range<Int>) throws -> [Float] { try kept.rows(frames[rows]) }
}
