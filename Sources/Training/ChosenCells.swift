import Base

/// A training set of which only some cells count: the mask of all others is 0, in the loss and in scores.
public struct ChosenCells: TrainingSet {
  private let base: any TrainingSet
  private let chosen: [Bool]

  /// - Precondition: one truth value a cell.
  public init(_ base: any TrainingSet, _ chosen: [Bool]) {
    precondition(base.meanCounts.count == chosen.count, "one truth value a cell")
    self.base = base
    self.chosen = chosen
  }

  public var label: String { base.label }
  public var session: String { base.session }
  public var head: Int { base.head }
  public var cids: [Int] { base.cids }
  public var trainingFrames: [Int] { base.trainingFrames }
  public var validationFrames: [Int] { base.validationFrames }
  public var meanCounts: [Double?] { zip(base.meanCounts, chosen).map { $1 ? $0 : nil } }

  public func batch(_ frames: [Int]) throws -> TrainingBatch { masked(try base.batch(frames)) }
  public func responses(_ frames: [Int]) throws -> TrainingBatch { masked(try base.responses(frames)) }

  private func masked(_ whole: TrainingBatch) -> TrainingBatch {
    var batch = whole
    var mask = batch.wholeMask
    for index in mask.values.indices where !chosen[index % chosen.count] { mask.values[index] = 0 }
    batch.mask = mask
    return batch
  }
}
