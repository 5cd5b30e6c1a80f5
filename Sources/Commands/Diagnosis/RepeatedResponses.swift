import Base
import Metrics
import Recordings
import Session

/// What a recording's repeated trials tell of cells, without a model.
struct RepeatedResponses {
  let stimulus: String
  /// By place among the cells asked about.
  let locking: [Result<StimulusLocking, Undefined>]
  let ceilings: [Score]

  /// Nothing here is of random halves.
  private static let options = Repeats.Options(splits: 1)

  /// - Returns: nil where no stimulus of the recording repeats its trials. The one that is asked about goes first.
  init?(_ source: LoadedStimulus, cells: [Int], session: Session) throws {
    let others = source.payload.stimuli.map(\.name).filter { $0 != source.stimulus.name }
    var found = source.stimulus.repeats ? source : nil
    for name in others where found == nil {
      let other = try session.loadStimulus("\(source.recordingName)/\(name)")
      if other.stimulus.repeats { found = other }
    }
    guard let found else { return nil }
    stimulus = found.stimulus.name
    let frames = try found.stimulus.validFrames()
    let observed = try found.stimulus.predictions(
      frames: frames, rates: Tensor(zeros: [frames.count, found.stimulus.cellCount]))
    guard let layout = try? RepeatLayout(observed) else { return nil }
    var locking: [Result<StimulusLocking, Undefined>] = []
    var ceilings: [Score] = []
    for cell in cells {
      try session.work.cancellation.check()
      // Files of a recording may hold other cells, or the same in another order.
      guard let place = found.stimulus.cids.firstIndex(of: source.stimulus.cids[cell]) else {
        locking.append(.failure(.noRepeats))
        ceilings.append(.undefined(.noRepeats))
        continue
      }
      let repeats = layout.repeats(of: observed, cell: place, options: Self.options)
      locking.append(Result { () throws(Undefined) in try StimulusLocking(repeats) })
      ceilings.append(MaximumCorrelation.score(repeats))
    }
    self.locking = locking
    self.ceilings = ceilings
    if found.record.id != source.record.id || found.stimulus.name != source.stimulus.name {
      session.changes.inputs.append(
        .init(
          role: "stimulus", version: found.record.id,
          detail: "\(found.label), its repeats, file \(found.fingerprint.prefix(12))"))
    }
  }
}
