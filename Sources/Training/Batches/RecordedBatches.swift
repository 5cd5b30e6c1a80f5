import Base
import Formats

/// An order of batches from an npz file, as a training that was recorded elsewhere saw them.
///
/// Arrays: `row_step`, `row_epoch`, `row_micro`, `row_dataset` (row) and `row_frames` (row, frame; -1 fills up): a row is one
/// session's part of a micro batch of a step. `lr` (step, group), where it is there, holds the learning rates.
public struct RecordedBatches: BatchOrder, Equatable {
  public let steps: [TrainingStep]

  public var stepCount: Int? { steps.count }

  public func step(_ index: Int) -> TrainingStep { steps[index] }

  /// - Throws: `missing` or `mismatch` naming the array; what reading throws.
  public init(_ source: any ArraySource) throws {
    func column(_ name: String) throws -> [Int] { try source.integers(name) }
    let (step, epoch, micro, dataset) = (
      try column("row_step"), try column("row_epoch"), try column("row_micro"), try column("row_dataset")
    )
    guard let shape = source.info("row_frames")?.shape else {
      throw Failure(
        .missing, "\(source.origin): no array `row_frames`",
        hint: "a recorded order has row_step, row_epoch, row_micro, row_dataset and row_frames")
    }
    let rows = step.count
    guard rows > 0, shape.count == 2, shape[0] == rows, [epoch, micro, dataset].allSatisfy({ $0.count == rows }) else {
      throw Failure(
        .mismatch,
        "\(source.origin): row_step has \(rows) rows, row_frames is \(shape), row_epoch, row_micro and row_dataset have \(epoch.count), \(micro.count) and \(dataset.count)",
        hint: "each needs one row for each session's part of a micro batch")
    }
    let frames = try source.integers("row_frames")
    var steps: [TrainingStep] = []
    var last: (step: Int, micro: Int)?
    for row in 0..<rows {
      let own = frames[row * shape[1]..<(row + 1) * shape[1]].filter { $0 >= 0 }
      guard !own.isEmpty, epoch[row] >= 0, dataset[row] >= 0 else {
        throw Failure(.mismatch, "\(source.origin): row \(row) has no frame, or a negative epoch or data set")
      }
      let part = TrainingStep.Part(dataset: dataset[row], frames: own)
      if let last, last.step == step[row] {
        guard epoch[row] == steps[steps.count - 1].epoch, micro[row] >= last.micro else {
          throw Failure(.mismatch, "\(source.origin): row \(row) of step \(step[row]) is out of order")
        }
        if micro[row] == last.micro {
          steps[steps.count - 1].microBatches[steps[steps.count - 1].microBatches.count - 1].append(part)
        } else {
          steps[steps.count - 1].microBatches.append([part])
        }
      } else {
        guard step[row] > last?.step ?? -1 else {
          throw Failure(.mismatch, "\(source.origin): row_step goes back at row \(row)", hint: "sort rows by step")
        }
        steps.append(TrainingStep(epoch: epoch[row], microBatches: [[part]]))
      }
      last = (step[row], micro[row])
    }
    if let shape = source.info("lr")?.shape {
      let rates = try source.doubles("lr")
      guard shape.count == 2, shape[0] == steps.count else {
        throw Failure(.mismatch, "\(source.origin): lr is \(shape) for \(steps.count) steps")
      }
      if let place = rates.firstIndex(where: { !($0.isFinite && $0 >= 0) }) {
        throw Failure(
          .mismatch,
          "\(source.origin): lr of step \(place / max(1, shape[1])), group \(place % max(1, shape[1])) is \(NumberText.of(rates[place])), not a learning rate",
          hint: "give a number from 0 on")
      }
      for index in steps.indices { steps[index].rates = Array(rates[index * shape[1]..<(index + 1) * shape[1]]) }
    }
    self.steps = steps
  }
}
