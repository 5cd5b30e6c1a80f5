import Base
import Twin

/// A recording's stimulus as a trainer sees it.
public protocol TrainingSet {
  /// What messages call it.
  var label: String { get }
  /// The session that it was recorded in.
  var session: String { get }
  /// The head of the twin that is trained on it.
  var head: Int { get }
  /// Id of each cell, unique in its session.
  var cids: [Int] { get }
  /// Frames of the training split, ascending.
  var trainingFrames: [Int] { get }
  /// Frames of the held-out split, ascending; none of them is trained on.
  var validationFrames: [Int] { get }
  /// Mean count of each cell over the valid bins that are trained on; nil where it has none.
  var meanCounts: [Double?] { get }

  /// Inputs, counts and mask of frames.
  ///
  /// - Throws: `mismatch` for a frame that the recording does not have; what reading throws.
  func batch(_ frames: [Int]) throws -> TrainingBatch
  /// Counts and mask of frames; the input may be empty.
  ///
  /// - Throws: as `batch`.
  func responses(_ frames: [Int]) throws -> TrainingBatch
}

extension TrainingSet {
  /// Reads the input too.
  public func responses(_ frames: [Int]) throws -> TrainingBatch { try batch(frames) }
}

/// Frames of one recording with everything that the loss needs.
public struct TrainingBatch: Sendable {
  public var input: TwinInput
  /// `[frame, cell]`
  public var counts: Tensor
  /// `[frame, cell]`, or `[frame, 1]` for all cells; nil where every bin is valid.
  public var mask: Tensor?

  public init(input: TwinInput, counts: Tensor, mask: Tensor?) {
    self.input = input
    self.counts = counts
    self.mask = mask
  }

  /// The mask of every cell: `[frame, cell]`.
  var wholeMask: Tensor {
    guard let mask else { return Tensor(shape: counts.shape, values: [Float](repeating: 1, count: counts.count)) }
    guard mask.shape != counts.shape else { return mask }
    let cells = counts.shape[1]
    return Tensor(shape: counts.shape, values: mask.values.flatMap { [Float](repeating: $0, count: cells) })
  }
}
