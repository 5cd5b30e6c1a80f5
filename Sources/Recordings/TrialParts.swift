import Base

/// Training, validation and test trials of a stimulus.
///
/// The trials are permuted as for `TrialSplit`; the first part is for training, the second for validation, the rest for
/// the test. So a training part that is no larger than VisionCore's holds no trial of its held-out split.
public struct TrialParts: Sendable, Equatable {
  /// Trials in ascending order.
  public let trainTrials: [Int]
  public let valTrials: [Int]
  public let testTrials: [Int]

  /// - Parameters:
  ///   - trials: the trial of each frame.
  ///   - train: share of the trials for training.
  ///   - val: share for validation.
  public init(trials: [Int], train: Double, val: Double, seed: Int) {
    let distinct = Set(trials).sorted()
    var generator = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed))
    let order = generator.permutation(distinct.count).map { distinct[$0] }
    // 0.7 + 0.15 is a little less than 0.85.
    func count(_ share: Double) -> Int { Int(min(1, max(0, share)) * Double(distinct.count) + 1e-9) }
    let (first, second) = (count(train), count(train + val))
    trainTrials = order[..<first].sorted()
    valTrials = order[first..<max(first, second)].sorted()
    testTrials = order[max(first, second)...].sorted()
  }
}
