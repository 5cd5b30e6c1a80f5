import Base
import Metrics
import Testing

@Suite("Worst and best stretch")
struct StretchTests {
  /// One cell, rate 0.2 but for a confident part: right where the spikes are, wrong where they are not.
  func predictions(trials: [Int]? = nil) -> Predictions {
    var rates = [Float](repeating: 0.2, count: 30)
    var counts = [Float](repeating: 0, count: 30)
    for row in 5..<10 { rates[row] = 2 }
    for row in 20..<25 {
      rates[row] = 2
      counts[row] = 2
    }
    return Predictions(
      cids: [0], frames: Array(0..<30), trials: trials, rates: Tensor(shape: [30, 1], values: rates),
      counts: Tensor(shape: [30, 1], values: counts),
      mask: Tensor(shape: [30, 1], values: [Float](repeating: 1, count: 30)), rateHz: 120)
  }

  @Test("The stretch with false positives is worst, the one with predicted spikes is best")
  func extremes() throws {
    let found = try #require(Stretch.extremes(predictions(), cell: 0, length: 5))
    #expect(found.worst.rows == 5..<10)
    #expect(found.best.rows == 20..<25)
    #expect(found.worst.bitsPerBin < 0 && found.best.bitsPerBin > 0)
  }

  @Test("A stretch does not cross trials")
  func withinTrials() throws {
    let trials = (0..<30).map { $0 < 22 ? 0 : 1 }
    let found = try #require(Stretch.extremes(predictions(trials: trials), cell: 0, length: 5))
    #expect(found.best.rows == 22..<27, "the hits of one trial only")
  }

  @Test("Where no run is long enough, or without spikes, there is no stretch")
  func none() {
    #expect(Stretch.extremes(predictions(), cell: 0, length: 31) == nil)
    var silent = predictions()
    silent.counts = Tensor(zeros: [30, 1])
    #expect(Stretch.extremes(silent, cell: 0, length: 5) == nil)
  }
}
