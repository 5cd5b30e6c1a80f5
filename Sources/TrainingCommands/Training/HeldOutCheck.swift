import Base
import Language
import Session
import Training

/// Whether the scores that a training shows as held out are: no score is where held-out trials show what is trained on.
enum HeldOutCheck {
  /// - Parameters:
  ///   - validates: whether held-out trials are scored in the training.
  ///   - isReplay: whether the training was begun or recorded earlier, so that a note is enough.
  /// - Throws: `undefined` naming the first stimulus whose held-out or test trials show what its training trials show.
  static func check(
    _ data: TrainingData, _ call: Call, validates: Bool, isReplay: Bool, in session: Session
  ) throws {
    for (index, source) in data.sources.enumerated() {
      let set = data.sets[index]
      var parts = validates ? [set.validationFrames] : []
      if data.testSets.indices.contains(index) { parts.append(data.testSets[index].validationFrames) }
      for frames in parts {
        let held = try source.heldOut(frames, fitted: set.trainingFrames, work: session.work)
        if held.areEnough { continue }
        guard isReplay else {
          throw try source.refusal(
            of: held, to: "train", or: data.testSets.isEmpty ? "or train without scores: --val-every 0" : nil,
            at: call.span(of: "stimulus"), in: session)
        }
        session.note("\(held.refusal(source.label)): val_loss and val_bits_per_spike are those of known frames")
      }
    }
  }

  /// The same for a stimulus on which an experiment trains its arms.
  static func check(_ set: any TrainingSet, of source: LoadedStimulus, _ call: Call, in session: Session) throws {
    let held = try source.heldOut(set.validationFrames, fitted: set.trainingFrames, work: session.work)
    guard held.areEnough else {
      throw try source.refusal(of: held, to: "train", at: call.span(of: "stimulus"), in: session)
    }
  }
}
