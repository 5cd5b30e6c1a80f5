import Base

/// The training and the validation trials of a stimulus.
///
/// The sorted distinct trials of the whole stimulus, also those without a valid frame, are permuted. The generator gets
/// the same seed for each stimulus. The first `Int(fraction * count)` trials are for training.
///
/// Source: VisionCore's split by trial, with `torch.randperm` (SEMANTICS 14 and 19), frame for frame.
public struct TrialSplit: Sendable, Equatable {
  /// Trials in ascending order.
  public let trainTrials: [Int]
  public let valTrials: [Int]
  /// The training trials as a set, for frames.
  private let training: Set<Int>
  private let trials: [Int]

  /// - Parameter trials: the trial of each frame.
  public init(trials: [Int], fraction: Double, seed: Int) {
    self.trials = trials
    let distinct = Set(trials).sorted()
    // torch seeds its 32-bit generator with the low word of the seed.
    var generator = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed))
    let order = generator.permutation(distinct.count)
    let trainCount = Int(min(1, max(0, fraction)) * Double(distinct.count))
    trainTrials = order.prefix(trainCount).map { distinct[$0] }.sorted()
    valTrials = order.dropFirst(trainCount).map { distinct[$0] }.sorted()
    training = Set(trainTrials)
  }

  /// All frames of `split`, ascending.
  public func frames(_ split: Split) -> [Int] { frames(split, among: Array(trials.indices)) }

  /// The frames of `split` among `frames`, in their order.
  public func frames(_ split: Split, among frames: [Int]) -> [Int] {
    switch split {
    case .all: frames
    case .train: frames.filter { training.contains(trials[$0]) }
    case .val: frames.filter { !training.contains(trials[$0]) }
    }
  }
}
