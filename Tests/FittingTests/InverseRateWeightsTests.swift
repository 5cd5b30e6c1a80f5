import Fitting
import Testing

@Suite struct InverseRateWeightsTests {
  @Test("Weights are inverse means over their mean") func weightsAreInverseMeansOverTheirMean() {
    // 1 / m: 10, 5, 2.5, with the mean 35 / 6.
    let weights = InverseRateWeights.of([0.1, 0.2, 0.4])
    #expect(weights.count == 3)
    for (weight, expected) in zip(weights, [12.0 / 7, 6.0 / 7, 3.0 / 7]) {
      #expect(abs((weight ?? 0) - expected) < 1e-12)
    }
  }

  @Test("A cell without spikes or bins has no weight and changes no other")
  func aCellWithoutSpikesOrBinsHasNoneAndChangesNoOther() {
    #expect(InverseRateWeights.of([0.1, nil, 0.2, 0]).map { $0 == nil } == [false, true, false, true])
    #expect(InverseRateWeights.of([0.1, nil, 0.2, 0])[0] == InverseRateWeights.of([0.1, 0.2])[0])
    #expect(InverseRateWeights.of([0, nil]).allSatisfy { $0 == nil })
  }
}
