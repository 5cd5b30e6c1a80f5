import Base
import Fitting
import Foundation
import Testing

@Suite struct ReadoutRefitTests {
  @Test("Recovers a simulated readout") func recoversASimulatedReadout() throws {
    let data = SimulatedFeatures(rows: 4000)
    for (found, truth) in zip(try data.fit(), data.truth) {
      #expect(found.converged && found.reason == nil)
      #expect(abs(Double(found.meanY) - truth.mask.meanY) < 0.15)
      #expect(abs(Double(found.meanX) - truth.mask.meanX) < 0.15)
      for (weight, expected) in zip(found.features, truth.weights) {
        #expect(abs(Double(weight) - expected) < 0.15 * 3)
      }
    }
  }

  @Test("Trains at least as well as the truth") func trainsAtLeastAsWellAsTheTruth() throws {
    let data = SimulatedFeatures(rows: 1500)
    let rows = Array(0..<1500)
    var blocks = FeatureBlocks(FeatureArray(data.features), rows: rows, memoryLimit: 0)
    let objective = ReadoutObjective(
      channels: 3, height: 6, width: 7, counts: [0, 1].map { data.counts.column($0) },
      mask: [[Float]](repeating: [Float](repeating: 1, count: 1500), count: 2))
    let truth = try objective.evaluate(
      data.truth.enumerated().map { ReadoutObjective.Item(cell: $0.offset, parameters: $0.element) }, on: &blocks,
      derivatives: false, work: .silent)
    for (readout, sums) in zip(try data.fit(), truth) { #expect(readout.nllTrain <= sums.loss / sums.bins) }
  }

  @Test("A refit generalises to rows that were not fitted") func generalisesToRowsThatWereNotFitted() throws {
    let data = SimulatedFeatures(rows: 2500)
    for readout in try data.fit(train: Array(0..<2000), val: Array(2000..<2500)) {
      #expect(try #require(readout.bitsPerSpikeVal) > 0.1)
      #expect(abs(try #require(readout.nllVal) - readout.nllTrain) < 0.2)
    }
  }

  @Test("Fits that save passes over the features end where others do") func large() throws {
    let data = SimulatedFeatures(rows: 6000)
    var options = ReadoutRefitOptions(l2: 0.001)
    let plain = try data.fit(options: options)
    options.largeSize = 0
    for (found, expected) in zip(try data.fit(options: options), plain) {
      #expect(found.converged)
      #expect(abs(try #require(found.objective) - (try #require(expected.objective))) < 1e-6)
      #expect(abs(found.meanY - expected.meanY) < 0.01 && abs(found.meanX - expected.meanX) < 0.01)
      let errors = (try #require(found.errors?.theta), try #require(expected.errors?.theta))
      #expect(abs(errors.0 / errors.1 - 1) < 0.05)
    }
  }

  @Test("Validation rows have no part in the fit") func validationRowsHaveNoPartInTheFit() throws {
    var data = SimulatedFeatures(rows: 600)
    let train = Array(0..<500)
    let val = Array(500..<600)
    let before = try data.fit(train: train, val: val)
    for row in val { data.counts.values[row * 2] = 9 }
    let after = try data.fit(train: train, val: val)
    #expect(before[0].features == after[0].features && before[0].nllTrain == after[0].nllTrain)
    #expect(before[0].nllVal != after[0].nllVal)
  }

  @Test("The same seed gives the same readouts") func theSameSeedGivesTheSameReadouts() throws {
    let data = SimulatedFeatures(rows: 400)
    let options = ReadoutRefitOptions(starts: 3, seed: 11)
    #expect(try data.fit(options: options) == data.fit(options: options))
  }

  @Test("Streaming gives the same readouts as memory") func streamingGivesTheSameReadoutsAsMemory() throws {
    let data = SimulatedFeatures(rows: 1500)
    #expect(
      try data.fit(options: ReadoutRefitOptions(memoryLimit: 0))
        == data.fit(options: ReadoutRefitOptions(memoryLimit: 1 << 30)))
  }

  @Test("Rows may come in any order") func rowsMayComeInAnyOrder() throws {
    let data = SimulatedFeatures(rows: 500)
    let sorted = try data.fit()
    let reversed = try data.fit(train: (0..<500).reversed())
    // Sums in another order.
    #expect(abs(sorted[0].nllTrain - reversed[0].nllTrain) < 1e-6)
  }

  @Test("Masked bins play no part") func maskedBinsPlayNoPart() throws {
    var data = SimulatedFeatures(rows: 600)
    let kept = (0..<600).filter { $0 % 4 != 0 }
    let without = try data.fit(train: kept)
    for row in 0..<600 where row % 4 == 0 {
      data.mask.values[row] = 0
      data.counts.values[row * 2] = .nan
      data.counts.values[row * 2 + 1] = 50
    }
    for (masked, dropped) in zip(try data.fit(), without) { #expect(abs(masked.nllTrain - dropped.nllTrain) < 1e-5) }
  }

  @Test("A penalty shrinks the weights") func aPenaltyShrinksTheWeights() throws {
    let data = SimulatedFeatures(rows: 500)
    let free = try data.fit()[0]
    let held = try data.fit(options: ReadoutRefitOptions(l2: 0.1))[0]
    let size = { (readout: CellReadout) in readout.features.reduce(0) { $0 + $1 * $1 } }
    #expect(size(held) < size(free))
    #expect(held.nllTrain >= free.nllTrain)
  }

  @Test("Centres and widths stay on the map") func centresAndWidthsStayOnTheMap() throws {
    // Counts that no place explains drive the fits to the edges.
    var data = SimulatedFeatures(rows: 150, cells: 4)
    var generator = MersenneTwister(seed: 2)
    for index in data.counts.values.indices {
      data.counts.values[index] = Float(SimulatedPredictions.poisson(0.5, &generator))
    }
    for readout in try data.fit() {
      #expect(abs(readout.meanY) <= 3 && abs(readout.meanX) <= 3.5)
      #expect(readout.stdY >= 0.0999 && readout.stdY <= 7.001 && readout.stdX >= 0.0999 && readout.stdX <= 7.001)
    }
  }

  @Test("Every cell beats the constant rate on its training rows") func everyCellBeatsTheConstantRateOnItsTrainingRows()
    throws
  {
    var data = SimulatedFeatures(rows: 300, cells: 4)
    var generator = MersenneTwister(seed: 2)
    for row in 0..<300 { data.counts.values[row * 4] = Float(SimulatedPredictions.poisson(0.1, &generator)) }
    for (cell, readout) in try data.fit().enumerated() {
      let mean = data.counts.column(cell).reduce(0.0) { $0 + Double($1) } / 300
      #expect(readout.nllTrain < mean - mean * log(mean + 1e-8))
    }
  }

  @Test("A cell without spikes gets the smallest rate and a reason")
  func aCellWithoutSpikesGetsTheSmallestRateAndAReason() throws {
    var data = SimulatedFeatures(rows: 200)
    for row in 0..<200 { data.counts.values[row * 2] = 0 }
    let readouts = try data.fit()
    #expect(readouts[0].reason == "no spikes")
    #expect(readouts[0].features.allSatisfy { $0 == 0 })
    #expect(abs(Softplus.value(Double(readouts[0].bias)) - 1e-6) < 1e-9)
    #expect(readouts[1].reason == nil)
  }

  @Test("Features without information leave the constant rate") func featuresThatSayNothingLeaveTheConstantRate() throws
  {
    var data = SimulatedFeatures(rows: 200)
    data.features = Tensor(zeros: data.features.shape)
    let readout = try data.fit()[0]
    let mean = data.counts.column(0).reduce(0.0) { $0 + Double($1) } / 200
    #expect(readout.reason == "no better than a constant rate")
    #expect(abs(Softplus.value(Double(readout.bias)) - mean) < 1e-6)
    #expect(abs(readout.nllTrain - (mean - mean * log(mean + 1e-8))) < 1e-6)
  }

  @Test("A masked-out cell has a reason") func aMaskedOutCellHasAReason() throws {
    var data = SimulatedFeatures(rows: 100)
    data.mask = Tensor(shape: [100, 2], values: (0..<200).map { $0 % 2 == 0 ? 0 : 1 })
    let readouts = try data.fit(train: Array(0..<80), val: Array(80..<100))
    #expect(readouts[0].reason == "all bins masked" && readouts[0].nllVal == nil)
    #expect(readouts[1].reason == nil)
  }

  @Test("Half-precision features change the loss by less than a thousandth")
  func halfPrecisionFeaturesChangeTheLossByLessThanAThousandth() throws {
    let data = SimulatedFeatures(rows: 800)
    var half = data
    half.features.values = data.features.values.map { Float(Float16($0)) }
    for (full, rounded) in zip(try data.fit(), try half.fit()) { #expect(abs(full.nllTrain - rounded.nllTrain) < 1e-3) }
  }

  @Test("Rows outside the features are refused") func rowsOutsideTheFeaturesAreRefused() {
    let data = SimulatedFeatures(rows: 50)
    #expect(throws: Failure(.mismatch, "row 50 of features with 50 rows")) { try data.fit(train: [50]) }
  }

  @Test("Counts of another length are refused") func countsOfAnotherLengthAreRefused() {
    var data = SimulatedFeatures(rows: 50)
    data.counts = Tensor(zeros: [49, 2])
    #expect(throws: Failure(.mismatch, "features of 50 rows, counts of 49, mask of 50")) { try data.fit(train: [1]) }
  }

  @Test("Cancelled work is interrupted") func cancelledWorkIsInterrupted() {
    let data = SimulatedFeatures(rows: 200)
    let work = Work()
    work.cancellation.cancel()
    #expect(throws: Failure.interrupted) { try data.fit(work: work) }
  }
}
