import Base
import Formats
import TestSupport
import Testing
import Training

@Suite("Orders of batches")
struct BatchTests {
  private let frames = [Array(0..<50), Array(100..<123)]

  @Test(
    "A pass shows every frame once, and the next one in another order", arguments: SampledBatches.Composition.allCases)
  func passes(composition: SampledBatches.Composition) {
    let order = SampledBatches(frames: frames, composition: composition, batchSize: 8, seed: 3)
    func pass(_ number: Int) -> [TrainingStep.Part] {
      (0..<order.batchesPerPass).flatMap { order.step(number * order.batchesPerPass + $0).microBatches.joined() }
    }
    for dataset in frames.indices {
      let seen = [0, 1].map { number in pass(number).filter { $0.dataset == dataset }.flatMap(\.frames) }
      #expect(seen[0].sorted() == frames[dataset] && seen[1].sorted() == frames[dataset])
      #expect(seen[0] != seen[1])
    }
    #expect(order.step(5) == order.step(5))
    #expect(SampledBatches(frames: frames, composition: composition, batchSize: 8, seed: 4).step(0) != order.step(0))
  }

  @Test("A batch of sessions has frames of one session; a mixed one has one part for each")
  func parts() {
    let single = SampledBatches(frames: frames, composition: .sessions, batchSize: 8, seed: 1)
    for index in 0..<single.batchesPerPass { #expect(single.step(index).microBatches.allSatisfy { $0.count == 1 }) }
    let mixed = SampledBatches(frames: frames, composition: .mixed, batchSize: 40, seed: 1)
    let first = mixed.step(0).microBatches[0]
    #expect(first.count == 2 && Set(first.map(\.dataset)) == [0, 1] && mixed.step(0).frameCount == 40)
  }

  @Test("Accumulated batches go on over the end of a pass; epochs follow the steps asked for")
  func accumulation() {
    let order = SampledBatches(
      frames: frames, composition: .mixed, batchSize: 30, microBatchCount: 2, seed: 1, stepsPerEpoch: 3)
    #expect(order.batchesPerPass == 3)
    #expect((0..<7).map { order.step($0).epoch } == [0, 0, 0, 1, 1, 1, 2])
    #expect((0..<3).map { order.step($0).frameCount } == [60, 43, 43])
  }

  @Test("Rows of a recorded order become steps, micro batches and parts")
  func recorded() throws {
    let order = try RecordedBatches(archive(step: [0, 0, 0, 2], micro: [0, 0, 1, 0], dataset: [0, 1, 0, 1]))
    #expect(order.steps.count == 2)
    #expect(order.steps[0].microBatches.map { $0.map(\.dataset) } == [[0, 1], [0]])
    #expect(order.steps[0].microBatches[0][0].frames == [5, 6] && order.steps[1].microBatches[0][0].frames == [8])
    #expect(order.steps.map(\.rates) == [[0.1, 0.2], [0.3, 0.4]])
  }

  @Test(
    "A recorded order that does not hold together is refused by the array and row",
    arguments: [
      ([0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], "row 2 of step 0 is out of order"),
      ([1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], "row_step goes back at row 1"),
      ([0, 0, 0, 2], [0, 0, 0, 0], [0, -1, 0, 0], "row 1 has no frame, or a negative epoch or data set"),
      ([0, 0, 0, 2], [0, 0, 0, 0], [0, 0, 0], "row_step has 4 rows"),
      ([0, 1, 2, 3], [0, 0, 0, 0], [0, 0, 0, 0], "lr is [2, 2] for 4 steps"),
    ])
  func refusals(step: [Int], micro: [Int], dataset: [Int], message: String) throws {
    let archive = try archive(step: step, micro: micro, dataset: dataset)
    do {
      _ = try RecordedBatches(archive)
      Issue.record("it was read")
    } catch let failure as Failure {
      #expect(failure.message.contains(message) && failure.message.contains("order.npz"), "\(failure.message)")
    }
  }

  @Test(
    "A learning rate that is no number is refused by its step and group",
    arguments: [.nan, -0.1, .infinity] as [Double])
  func wrongRate(rate: Double) throws {
    let failure = #expect(throws: Failure.self) {
      try RecordedBatches(archive(step: [0, 0, 0, 2], micro: [0, 0, 1, 0], dataset: [0, 1, 0, 1], thirdRate: rate))
    }
    #expect(failure?.message.contains("lr of step 1, group 0 is") == true)
  }

  private func archive(
    step: [Int], micro: [Int], dataset: [Int], thirdRate: Double = 0.3
  ) throws -> NpzArchive {
    let path = try Fixtures.temporaryFolder() + "/order.npz"
    func column(_ name: String, _ values: [Int]) -> NamedArray {
      NamedArray(name, Tensor(shape: [values.count], values: values.map(Float.init)))
    }
    try NpzWriter.write(
      [
        column("row_step", step), column("row_epoch", step.map { _ in 0 }), column("row_micro", micro),
        column("row_dataset", dataset),
        NamedArray("row_frames", Tensor(shape: [4, 2], values: [5, 6, 7, -1, 5, 7, 8, -1])),
        NamedArray("lr", shape: [2, 2], values: .float64([0.1, 0.2, thirdRate, 0.4])),
      ], to: path)
    return try NpzArchive(path: path)
  }
}
