import Base
import Recordings

extension LoadedStimulus {
  /// Which held-out frames show nothing that was fitted.
  ///
  /// - Throws: as `Stimulus.freshFrames`.
  package func heldOut(_ frames: [Int], fitted: [Int], work: Work) throws -> FreshFrames {
    try stimulus.freshFrames(of: frames, fitted: fitted, work: work)
  }

  /// Why scores on held-out trials that show what was fitted are refused, and where they can be had instead.
  ///
  /// - Parameters:
  ///   - held: the held-out frames, of which too few are fresh.
  ///   - verb: what the user does: `refit`, `train`.
  ///   - other: another remedy.
  /// - Throws: what opening the recording's other stimuli throws.
  package func refusal(
    of held: FreshFrames, to verb: String, or other: String? = nil, at span: SourceSpan?, in session: Session
  ) throws -> Failure {
    let others = payload.stimuli.map { "\(recordingName)/\($0.name)" }.filter { $0 != label }
    let fresh = try others.first { try !session.loadStimulus($0).stimulus.repeats }
    let hint =
      fresh.map { "\(verb) on a stimulus whose trials differ: \($0)" }
      ?? "\(verb) on a stimulus whose held-out trials show other frames"
    return Failure(
      .undefined, held.refusal(label), hint: hint + (other.map { "; \($0)" } ?? ""), span: span)
  }
}
