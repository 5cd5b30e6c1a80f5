import Base

/// A training set whose targets are another twin's rates in place of counts. Every bin counts: rates have no gaps.
public struct TaughtSet: TrainingSet {
  private let base: any TrainingSet
  private let rows: [Int: Int]
  private let rates: Tensor
  public let meanCounts: [Double?]

  /// - Parameters:
  ///   - frames: the frames that have rates.
  ///   - rates: expected counts, `[frame, cell]`.
  /// - Precondition: one row of rates a frame.
  public init(_ base: any TrainingSet, frames: [Int], rates: Tensor) {
    precondition(rates.shape == [frames.count, base.meanCounts.count], "one row of rates a frame")
    self.base = base
    self.rates = rates
    let rows = Dictionary(frames.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    self.rows = rows
    let cells = base.meanCounts.count
    let own = base.trainingFrames.compactMap { rows[$0] }
    meanCounts = (0..<cells).map { cell in
      own.isEmpty ? nil : own.reduce(0) { $0 + Double(rates.values[$1 * cells + cell]) } / Double(own.count)
    }
  }

  public var label: String { base.label }
  public var session: String { base.session }
  public var head: Int { base.head }
  public var cids: [Int] { base.cids }
  public var trainingFrames: [Int] { base.trainingFrames }
  public var validationFrames: [Int] { base.validationFrames }

  public func batch(_ frames: [Int]) throws -> TrainingBatch { try taught(base.batch(frames), frames) }
  public func responses(_ frames: [Int]) throws -> TrainingBatch { try taught(base.responses(frames), frames) }

  private func taught(_ whole: TrainingBatch, _ frames: [Int]) throws -> TrainingBatch {
    var batch = whole
    let own = try frames.map { frame in
      guard let row = rows[frame] else {
        throw Failure(
          .missing, "\(label): the teacher has no rate for frame \(frame)",
          hint: "this frame is masked or outside of its trial")
      }
      return row
    }
    batch.counts = rates.gathering(rows: own)
    batch.mask = nil
    return batch
  }
}
