import Base
import Fitting
import Testing

@Suite struct TrialHalvesTests {
  private func predictions(rows: Int, trials: [Int]?, rateHz: Double = 120) -> Predictions {
    let values = Tensor(zeros: [rows, 1])
    return Predictions(
      cids: [0], frames: Array(0..<rows), trials: trials, rates: values, counts: values, mask: values, rateHz: rateHz)
  }

  @Test("Distinct trials alternate in ascending order") func distinctTrialsAlternateInAscendingOrder() {
    let halves = TrialHalves.assign(predictions(rows: 6, trials: [9, 9, 2, 5, 2, 11]))
    #expect(halves == [0, 0, 0, 1, 0, 1])
  }

  @Test("Without trials seconds alternate") func withoutTrialsSecondsAlternate() {
    let halves = TrialHalves.assign(predictions(rows: 9, trials: nil, rateHz: 2))
    #expect(halves == [0, 0, 1, 1, 0, 0, 1, 1, 0])
  }

  @Test("A short series is cut in the middle") func aShortSeriesIsCutInTheMiddle() {
    #expect(TrialHalves.assign(predictions(rows: 4, trials: nil)) == [0, 0, 1, 1])
  }

  @Test("A single trial is cut in blocks") func aSingleTrialIsCutInBlocks() {
    #expect(TrialHalves.assign(predictions(rows: 4, trials: [3, 3, 3, 3])) == [0, 0, 1, 1])
  }
}
