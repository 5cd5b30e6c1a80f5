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

  /// Refuses a recorded order that trains on held-out trials: their scores would be called held out.
  ///
  /// - Throws: `mismatch` naming the first step with such a frame.
  static func check(_ order: any BatchOrder, _ data: TrainingData, _ call: Call) throws {
    guard call.isGiven("batches"), let count = order.stepCount else { return }
    let held = data.sets.map { Set($0.validationFrames) }
    for index in 0..<count {
      for part in order.step(index).microBatches.joined() where held.indices.contains(part.dataset) {
        guard let frame = part.frames.first(where: held[part.dataset].contains) else { continue }
        throw Failure(
          .mismatch,
          "\(try call.string("batches")): step \(index) trains on frame \(frame) of \(data.sets[part.dataset].label), which is in a held-out trial",
          hint: "leave frames of the split `val` out of the order", span: call.span(of: "batches"))
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
