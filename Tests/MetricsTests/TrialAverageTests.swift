import Base
import Metrics
import Testing

struct TrialAverageTests {
  /// Two trials of three bins, and a third that was cut after one.
  static func predictions(trialBins: [Int]?) -> Predictions {
    Predictions(
      cids: [5], frames: Array(0..<7), trials: [1, 1, 1, 2, 2, 2, 4], trialBins: trialBins,
      rates: Tensor(shape: [7, 1], values: [1, 2, 3, 3, 4, .nan, 5]),
      counts: Tensor(shape: [7, 1], values: [0, 1, 0, 1, 2, 9, 2]),
      mask: Tensor(shape: [7, 1], values: [1, 1, 0, 1, 1, 0, 1]), rateHz: 120)
  }

  @Test("Means are taken over the valid trials in each time bin")
  func validTrials() throws {
    let average = try TrialAverage(Self.predictions(trialBins: [0, 1, 2, 0, 1, 2, 0]), cell: 0)
    #expect(average.bins == [0, 1, 2])
    #expect(average.trialCounts == [3, 2, 0])
    #expect(average.observed == [1, 1.5, nil])
    #expect(average.predicted == [3, 3, nil])
  }

  @Test("A stimulus that does not repeat has no average")
  func noRepeats() {
    let failure = #expect(throws: Failure.self) { try TrialAverage(Self.predictions(trialBins: nil), cell: 0) }
    #expect(failure?.kind == .undefined)
    #expect(failure?.message == "the stimulus does not repeat, so cell 5 has no trial average")
  }
}
