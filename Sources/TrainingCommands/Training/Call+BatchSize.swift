import Base
import Language
import Session
import Training

extension Call {
  /// The frames of a batch; by default no more than there are.
  ///
  /// - Parameter isMixed: whether a batch takes frames of all sets, and not of one.
  /// - Throws: a usage failure where it is given below 1, or more than the frames that a batch is drawn from.
  func batchSize(from sets: [any TrainingSet], isMixed: Bool) throws -> Int {
    let size = try count("batch-size", from: 1)
    let counts = sets.map(\.trainingFrames.count)
    let most = isMixed ? counts.reduce(0, +) : counts.max() ?? 0
    guard size <= most || !isGiven("batch-size") else {
      throw Failure(
        .usage, "--batch-size \(size) is more than the \(most) training frames that a batch is drawn from",
        hint: "give at most \(most)", span: span(of: "batch-size"))
    }
    return min(size, most)
  }
}
