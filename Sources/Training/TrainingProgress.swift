import Base

/// How far a training has come at the end of an epoch: with the tensors, the optimiser's state and the settings, all that is
/// needed to go on.
public struct TrainingProgress: Sendable, Equatable, Codable {
  /// What one epoch did.
  public struct Epoch: Sendable, Equatable, Codable {
    /// From 0.
    public var number: Int
    public var steps: Int
    /// Mean over its steps, each before the step.
    public var trainLoss: Double
    /// Learning rate of the heads, or of the core where no head is trained.
    public var rate: Double
    /// Largest gradient norm of its steps.
    public var gradientNorm: Double
    /// By session; empty where the epoch was not validated.
    public var validation: [Validation.Score]
  }

  /// The epoch with the best mean held-out bits/spike.
  public struct Best: Sendable, Equatable, Codable {
    /// Its place among the finished epochs.
    public var place: Int
    public var epoch: Int
    public var bitsPerSpike: Double
  }

  /// Why a training took no more steps.
  public enum End: String, Sendable, Codable {
    case steps, patience, time

    public var text: String {
      switch self {
      case .steps: "all steps were taken"
      case .patience: "the held-out score did not improve any more (--patience)"
      case .time: "the time was up (--minutes)"
      }
    }
  }

  public var stepsDone = 0
  public var epochs: [Epoch] = []
  /// Mean held-out bits/spike before the first step; nil where it was not computed, or is undefined.
  public var startBitsPerSpike: Double?
  /// Nil before the first validation.
  public var best: Best?
  /// Digest of the batches of all steps so far, in their order.
  public var orderDigest = ""
  /// Nil while the training is not done.
  public var end: End?
  public var curve = TrainingCurve()

  public init() {}

  /// Whether the epoch that was finished last has the best score.
  public var lastIsBest: Bool { best.map { $0.place == epochs.count - 1 } ?? false }

  /// Whether the start scores at least as well as every epoch that was validated; false where its score is not known.
  public var startIsBest: Bool {
    guard let startBitsPerSpike, let best else { return false }
    return startBitsPerSpike >= best.bitsPerSpike
  }

  /// Validations since the best one.
  var validationsWithoutGain: Int { epochs.dropFirst((best?.place ?? -1) + 1).count { !$0.validation.isEmpty } }

  /// Adds the scores on trials that had no part in the training, of the twin after the best epoch or else the last one.
  public mutating func add(test scores: [Validation.Score]) {
    let place = best?.place ?? epochs.count - 1
    guard epochs.indices.contains(place) else { return }
    let steps = epochs[...place].reduce(0) { $0 + $1.steps }
    curve.add(scores, as: "test", step: steps, epoch: epochs[place].number)
  }

  mutating func add(_ step: TrainingStep) {
    let parts = step.microBatches.map { micro in
      micro.map { "\($0.dataset):\($0.frames.map(String.init).joined(separator: ","))" }.joined(separator: ";")
    }
    let rates = step.rates.map { $0.map { "\($0)" }.joined(separator: ",") } ?? ""
    orderDigest = Digest.of("\(orderDigest) \(step.epoch) \(parts.joined(separator: "|")) \(rates)")
  }
}
