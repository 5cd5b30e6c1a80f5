import Base
import Formats

/// Something that is known to go wrong in trainings and was found in a run, with the evidence.
public struct RunFault: Sendable, Equatable {
  public enum Name: String, Sendable, CaseIterable {
    case diverged
    case undefinedValues = "undefined values"
    case rateIgnored = "core rate ignored"
    case zeroRate = "nothing learned in warm-up"
    case notLoaded = "pretrained weights not loaded"
    case randomFrozen = "frozen part is random"
    case biasesReset = "readout biases reset"
    case clampsIdle = "clamps never acted"
    case sameBatches = "same batches every epoch"
    case clampedScores = "scores without negative cells"
    case unrecorded = "settings not recorded"
    case contradiction = "settings contradict each other"
    case sameConfiguration = "different names, same configuration"
    case sameName = "same name, different configurations"
  }

  public var run: String
  public var name: Name
  /// The run's numbers or its weights are not what they seem; else the user should know.
  public var isError: Bool
  public var evidence: String
  /// What to do about this run.
  public var remedy: String?
  /// What to do about any run with the same fault, so that such runs share a line.
  public var sharedRemedy: String?

  /// - Parameter shared: the remedy without this run's name; `remedy` itself where nil.
  init(
    _ run: String, _ name: Name, isError: Bool = false, _ evidence: String, remedy: String? = nil,
    shared: String? = nil
  ) {
    (self.run, self.name, self.isError, self.evidence) = (run, name, isError, evidence)
    (self.remedy, sharedRemedy) = (remedy, shared ?? remedy)
  }
}
