import Base
import Fitting
import Foundation
import Testing

@Suite struct CalibratorTests {
  @Test("Recovers a known gain and offset") func recoversAKnownGainAndOffset() throws {
    let scales = [(gain: 2.0, offset: 0.05), (gain: 0.5, offset: 0.1), (gain: 1.5, offset: 0.0)]
    let predictions = SimulatedPredictions.make(rows: 40_000, scales: scales)
    let calibration = try Calibrator.calibrate(predictions, mode: .affine)
    try #require(calibration.cells.count == scales.count)
    for (cell, scale) in zip(calibration.cells, scales) {
      #expect(try #require(cell.gainStandardError) < 0.1 && #require(cell.offsetStandardError) < 0.05)
      // Four standard errors.
      #expect(abs(try #require(cell.gain) - scale.gain) < 4 * (try #require(cell.gainStandardError)))
      #expect(abs(try #require(cell.offset) - scale.offset) < 4 * (try #require(cell.offsetStandardError)))
      #expect(cell.converged == true)
      #expect(cell.halves.count == 2)
    }
  }

  @Test("A gain of 0 and an offset at its limit are reported as limits, a fit between them is not")
  func limits() throws {
    func cell(_ counts: [Float]) throws -> CellCalibration {
      let rates = (0..<200).flatMap { _ in [0.1, 0.1, 1, 1] as [Float] }
      let repeated = (0..<200).flatMap { _ in counts }
      return try Calibrator.calibrate(SimulatedPredictions.cell(rates: rates, counts: repeated), mode: .affine).cells[0]
    }
    let against = try cell([1, 1, 0, 0])
    #expect(against.gain == 0 && against.limit == .gainIsZero && against.reason == nil)
    #expect(against.remark == "gain at its limit 0: a constant rate fits best")
    let silent = try cell([0, 0, 1, 1])
    #expect(silent.limit == .lowestRateIsZero && silent.gainStandardError == nil)
    #expect(abs((silent.gain ?? 0) * 0.1 + (silent.offset ?? 1)) < 1e-6, "the lowest rate is 0")
    let inside = try cell([0, 1, 1, 1])
    #expect(inside.limit == nil && inside.remark == nil && inside.gainStandardError != nil)
  }

  @Test("Recovers a negative offset") func recoversANegativeOffset() throws {
    let predictions = SimulatedPredictions.make(
      rows: 40_000, scales: [(gain: 1.2, offset: -0.09)], floor: 0.1)
    let cell = try Calibrator.calibrate(predictions, mode: .affine).cells[0]
    #expect(abs(try #require(cell.offset) + 0.09) < 4 * (try #require(cell.offsetStandardError)))
    #expect(abs(try #require(cell.gain) - 1.2) < 4 * (try #require(cell.gainStandardError)))
  }

  @Test("Held-out score of a true offset beats a pure gain") func heldOutScoreOfATrueOffsetBeatsAPureGain() throws {
    let predictions = SimulatedPredictions.make(rows: 20_000, scales: [(gain: 0.5, offset: 0.1)])
    let cell = try Calibrator.calibrate(predictions, mode: .affine).cells[0]
    let raw = try #require(cell.bitsPerSpike)
    let gain = try #require(cell.bitsPerSpikeGain)
    let calibrated = try #require(cell.bitsPerSpikeCalibrated)
    #expect(raw < gain && gain < calibrated)
  }

  @Test("Held-out score is below the in-sample score") func heldOutScoreIsBelowTheInSampleScore() throws {
    let predictions = SimulatedPredictions.make(rows: 600, scales: [(gain: 0.5, offset: 0.1)])
    let heldOut = try Calibrator.calibrate(predictions, mode: .affine)
    let inSample = try Calibrator.calibrate(predictions, mode: .affine, inSample: true)
    #expect(heldOut.heldOut && !inSample.heldOut)
    #expect(
      try #require(heldOut.cells[0].bitsPerSpikeCalibrated) < #require(inSample.cells[0].bitsPerSpikeCalibrated))
    // What is applied is the same fit to all bins, up to the order of sums.
    #expect(abs(try #require(heldOut.cells[0].gain) - #require(inSample.cells[0].gain)) < 1e-9)
  }

  @Test("Each half is scored with the other half's numbers") func eachHalfIsScoredWithTheOtherHalfsNumbers() throws {
    let predictions = SimulatedPredictions.make(rows: 600, scales: [(gain: 0.5, offset: 0.1)])
    let split = HeldOutSplit(predictions)
    let halves = split.halves
    let cell = try Calibrator.calibrate(predictions, mode: .affine).cells[0]
    var loss = 0.0
    for (row, half) in halves.enumerated() {
      let scale = cell.halves[1 - Int(half)]
      let rate = scale.gain * Double(predictions.rates.values[row]) + scale.offset
      loss += rate - Double(predictions.counts.values[row]) * log(rate + 1e-8)
    }
    #expect(abs(try #require(cell.nllCalibrated) - loss / Double(halves.count)) < 1e-12)
    // Each half's numbers are the fit to that half alone, without the bins at its borders.
    let even = predictions.gathering(rows: halves.indices.filter { halves[$0] == 0 && split.isFitted[$0] })
    let alone = try Calibrator.calibrate(even, mode: .affine, inSample: true).cells[0]
    #expect(abs(try #require(alone.gain) - cell.halves[0].gain) < 1e-6)
    #expect(abs(try #require(alone.offset) - cell.halves[0].offset) < 1e-7)
  }

  @Test("Spikes against the prediction give a gain of zero") func spikesAgainstThePredictionGiveAGainOfZero() throws {
    let cell = try Calibrator.calibrate(
      SimulatedPredictions.cell(rates: [0.1, 0.2, 0.3, 0.4], counts: [3, 2, 1, 0]), mode: .affine, inSample: true
    ).cells[0]
    #expect(cell.gain == 0)
    #expect(abs(try #require(cell.offset) - 1.5) < 1e-12)
    #expect(cell.converged == true)
    #expect(cell.gainStandardError == nil)
  }

  @Test("Spikes only where the rate is high give a rate of zero at the lowest")
  func spikesOnlyWhereTheRateIsHighGiveARateOfZeroAtTheLowest() throws {
    // Counts in proportion to rate - 0.1: the optimum is b = -g min r up to the floor.
    let cell = try Calibrator.calibrate(
      SimulatedPredictions.cell(rates: [0.1, 0.2, 0.3, 0.4], counts: [0, 1, 2, 3]), mode: .affine, inSample: true
    ).cells[0]
    #expect(abs(try #require(cell.gain) - 10) < 1e-5)
    #expect(abs(try #require(cell.offset) + 1) < 1e-5)
    let smallest = try #require(cell.gain) * Double(Float(0.1)) + #require(cell.offset)
    #expect(smallest > 0 && smallest < 1.1e-8)
    #expect(cell.converged == true)
  }

  @Test("Masked bins play no part") func maskedBinsPlayNoPart() throws {
    var predictions = SimulatedPredictions.make(rows: 2000, scales: [(gain: 2, offset: 0.05)])
    let kept = (0..<2000).filter { $0 % 7 != 0 }
    for row in 0..<2000 where row % 7 == 0 {
      predictions.mask.values[row] = 0
      predictions.rates.values[row] = .nan
      predictions.counts.values[row] = row % 2 == 0 ? .nan : 1000
    }
    let masked = try Calibrator.calibrate(predictions, mode: .affine, inSample: true)
    let dropped = try Calibrator.calibrate(predictions.gathering(rows: kept), mode: .affine, inSample: true)
    #expect(abs(try #require(masked.cells[0].gain) - #require(dropped.cells[0].gain)) < 1e-9)
    #expect(
      abs(try #require(masked.cells[0].bitsPerSpikeCalibrated) - #require(dropped.cells[0].bitsPerSpikeCalibrated))
        < 1e-9)
    var plain = predictions
    for row in 0..<2000 where row % 7 == 0 {
      plain.rates.values[row] = 0.1
      plain.counts.values[row] = 1
    }
    #expect(
      try Calibrator.calibrate(predictions, mode: .affine).cells == Calibrator.calibrate(plain, mode: .affine).cells)
  }

  @Test(
    "Undefined cells have a reason instead of numbers",
    arguments: [
      (rates: [0.1, 0.2, 0.3, 0.4], counts: [0, 0, 0, 0], mask: [1, 1, 1, 1], reason: "no spikes"),
      (rates: [0.2, 0.2, 0.2, 0.2], counts: [1, 0, 1, 1], mask: [1, 1, 1, 1], reason: "constant prediction"),
      (rates: [0.1, 0.2, 0.3, 0.4], counts: [1, 0, 1, 1], mask: [0, 0, 0, 0], reason: "all bins masked"),
      (rates: [0.1, .nan, 0.3, 0.4], counts: [1, 0, 1, 1], mask: [1, 1, 1, 1], reason: "prediction is not finite"),
      (
        rates: [0.1, .infinity, 0.3, 0.4], counts: [1, 0, 1, 1], mask: [1, 1, 1, 1], reason: "prediction is not finite"
      ),
      (rates: [0.1, -0.2, 0.3, 0.4], counts: [1, 0, 1, 1], mask: [1, 1, 1, 1], reason: "prediction is negative"),
      (
        rates: [0.1, 0.2, 0.3, 0.4], counts: [1, .nan, 1, 1], mask: [1, 1, 1, 1],
        reason: "more than a tenth of the valid bins can't be used"
      ),
    ] as [(rates: [Float], counts: [Float], mask: [Float], reason: String)])
  func undefinedCellsHaveAReasonInsteadOfNumbers(
    _ bins: (rates: [Float], counts: [Float], mask: [Float], reason: String)
  ) throws {
    for mode in CalibrationMode.allCases {
      for inSample in [true, false] {
        let predictions = SimulatedPredictions.cell(rates: bins.rates, counts: bins.counts, mask: bins.mask)
        let cell = try Calibrator.calibrate(predictions, mode: mode, inSample: inSample).cells[0]
        #expect(cell.reason == bins.reason)
        #expect(cell.gain == nil && cell.offset == nil && cell.bitsPerSpikeCalibrated == nil)
        #expect(cell.nllCalibrated == nil && cell.converged == nil)
      }
    }
  }

  @Test("Spikes in one half only give a fit but no held-out score") func spikesInOneHalfOnlyGiveAFitButNoHeldOutScore()
    throws
  {
    let predictions = SimulatedPredictions.cell(rates: [0.1, 0.2, 0.3, 0.4], counts: [1, 0, 1, 0])
    let cell = try Calibrator.calibrate(predictions, mode: .affine).cells[0]
    #expect(cell.reason == "no spikes in one half of the bins")
    #expect(cell.gain != nil && cell.bitsPerSpikeCalibrated == nil && cell.bitsPerSpike != nil)
  }

  @Test("Pure gain is observed over predicted spikes") func pureGainIsObservedOverPredictedSpikes() throws {
    let predictions = SimulatedPredictions.make(rows: 3000, scales: [(gain: 3, offset: 0)])
    let cell = try Calibrator.calibrate(predictions, mode: .gain, inSample: true).cells[0]
    let spikes = predictions.counts.values.reduce(0.0) { $0 + Double($1) }
    let predicted = predictions.rates.values.reduce(0.0) { $0 + Double($1) }
    #expect(abs(try #require(cell.gain) - spikes / predicted) < 1e-12)
    #expect(cell.offset == 0)
    #expect(cell.bitsPerSpikeGain == cell.bitsPerSpikeCalibrated)
  }

  @Test("Global affine finds the shared numbers") func globalAffineFindsTheSharedNumbers() throws {
    let scales = [(gain: 1.7, offset: 0.04)]
    let predictions = SimulatedPredictions.make(rows: 20_000, scales: scales + scales + scales)
    let calibration = try Calibrator.calibrate(predictions, mode: .globalAffine)
    let shared = try #require(calibration.shared)
    #expect(abs(shared.gain - 1.7) < 0.1 && abs(shared.offset - 0.04) < 0.01)
    #expect(Set(calibration.cells.map(\.gain)) == [shared.gain])
  }

  @Test("A global fit is that of the finite cells alone") func aGlobalFitIsNotSpoiledByACellThatIsNotFinite()
    throws
  {
    var predictions = SimulatedPredictions.make(rows: 3000, scales: [(gain: 2, offset: 0.1), (gain: 2, offset: 0.1)])
    predictions.rates.values[1] = .nan
    let calibration = try Calibrator.calibrate(predictions, mode: .globalAffine)
    let alone = try Calibrator.calibrate(predictions.selecting(cells: [0]), mode: .globalAffine)
    let (shared, expected) = (try #require(calibration.shared), try #require(alone.shared))
    #expect(abs(shared.gain - expected.gain) < 1e-6 && abs(shared.offset - expected.offset) < 1e-6)
    #expect(calibration.cells[0].bitsPerSpikeCalibrated?.isFinite == true)
    #expect(calibration.cells[1].reason == "prediction is not finite")
  }

  @Test("Applying rescales cells with a fit and leaves the others without rates")
  func applyingRescalesCellsWithAFitAndLeavesTheOthersWithoutRates() throws {
    let predictions = SimulatedPredictions.make(rows: 10, scales: [(gain: 1, offset: 0), (gain: 1, offset: 0)])
    let calibration = Calibration(
      mode: .affine, heldOut: true,
      cells: [
        CellCalibration(cid: predictions.cids[0]), CellCalibration(cid: predictions.cids[1], gain: 2, offset: 0.5),
      ])
    let calibrated = predictions.rescaled(by: calibration.rescalings)
    #expect(calibrated.rates.column(0).allSatisfy { $0.isNaN })
    #expect(calibrated.rates.column(1) == predictions.rates.column(1).map { 2 * $0 + 0.5 })
  }

  @Test("A bin of the fit gets the other half's numbers unless all bins were fitted at once")
  func aBinOfTheFitGetsTheOtherHalfsNumbersUnlessAllBinsWereFittedAtOnce() {
    let halves = [GainOffset(gain: 2, offset: 0), GainOffset(gain: 3, offset: 0)]
    let cell = CellRescaling(all: GainOffset(gain: 5, offset: 0), halves: halves)
    #expect([0, 1, nil].map { cell.applied(to: 1, half: $0) } == [3, 2, 5])
    #expect(CellRescaling(all: cell.all, halves: nil).applied(to: 1, half: 0) == 5)
    #expect(CellRescaling(all: cell.all, halves: []).applied(to: 1, half: 0).isNaN)
  }

  @Test("Applying keeps rates positive outside the fitted bins") func applyingKeepsRatesPositiveOutsideTheFittedBins()
    throws
  {
    let predictions = SimulatedPredictions.cell(rates: [0.1, 0.5], counts: [0, 1])
    let calibration = Calibration(
      mode: .affine, heldOut: true, cells: [CellCalibration(cid: 7, gain: 1, offset: -0.2)])
    let rates = predictions.rescaled(by: calibration.rescalings).rates.values
    #expect(rates[0] == Float(Calibration.smallestRate))
    #expect(abs(rates[1] - 0.3) < 1e-6)
  }

  @Test("Applying in-sample numbers gives the reported score") func applyingInSampleNumbersGivesTheReportedScore()
    throws
  {
    let predictions = SimulatedPredictions.make(rows: 2000, scales: [(gain: 0.5, offset: 0.1)])
    let calibration = try Calibrator.calibrate(predictions, mode: .affine, inSample: true)
    let again = try Calibrator.calibrate(predictions.rescaled(by: calibration.rescalings), mode: .gain, inSample: true)
    // Rates are stored in float32.
    #expect(
      abs(try #require(again.cells[0].bitsPerSpike) - #require(calibration.cells[0].bitsPerSpikeCalibrated)) < 1e-6)
  }

  @Test("Cancelled work is interrupted") func cancelledWorkIsInterrupted() throws {
    let predictions = SimulatedPredictions.make(rows: 100, scales: [(gain: 1, offset: 0)])
    let work = Work()
    work.cancellation.cancel()
    #expect(throws: Failure.interrupted) { try Calibrator.calibrate(predictions, mode: .affine, work: work) }
  }
}
