import Base
import Fitting
import Recordings

/// What readouts are fitted to: a frozen core's features with the counts of training and held-out trials.
package struct RefitData {
  package let source: LoadedStimulus
  package let features: CachedFeatures
  /// Of each row: training frames first, then held-out frames that show nothing that was trained on.
  package let frames: [Int]
  package let trainRows: [Int]
  package let valRows: [Int]
  /// `[row, cell]`
  package let counts: Tensor
  package let mask: Tensor
  /// Trial of each row.
  package let trials: [Int]
  /// Held-out frames that show what training trials show.
  package let seen: [Int]

  /// Reads the features from the cache, or makes them.
  ///
  /// - Throws: `undefined` without a training frame, or where most held-out frames show what training trials show; what the
  ///   twin's core asks for and the recording lacks.
  package init(
    of twin: LoadedTwin, adapter: Int, on source: LoadedStimulus, named span: SourceSpan?, in session: Session
  ) throws {
    self.source = source
    try Predictor(session: session).checkInput(twin, head: adapter, source, for: .coreFeatures)
    let valid = try source.stimulus.validFrames()
    let train = try source.stimulus.frames(.train, among: valid)
    let val = try source.stimulus.frames(.val, among: valid)
    guard !train.isEmpty else {
      throw Failure(.undefined, "\(source.label) has no valid frame to train on", span: span)
    }
    let held = try source.heldOut(val, fitted: train, work: session.work)
    guard held.areEnough else { throw try source.refusal(of: held, to: "refit", at: span, in: session) }
    if !held.seen.isEmpty {
      session.note(
        "\(held.seen.count) of \(val.count) held-out frames show what training trials show: the columns that end in _val leave them out"
      )
    }
    seen = held.seen
    frames = train + held.fresh
    trainRows = Array(train.indices)
    valRows = Array(train.count..<frames.count)
    features = try CoreFeatures(session: session).features(
      of: twin, adapter: adapter, on: source, frames: frames, among: valid)
    counts = try source.stimulus.counts().gathering(rows: frames)
    mask = try source.stimulus.mask().gathering(rows: frames)
    let ids = try source.stimulus.trialIDs()
    trials = frames.map { ids[$0] }
  }
}
