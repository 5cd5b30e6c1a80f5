import Base
import Fitting
import Foundation
import Testing

@Suite struct MaskedPoissonTests {
  private let counts = Tensor(shape: [2, 2], values: [0, 3, 1, 2])
  private let outputs = Tensor(shape: [2, 2], values: [0.5, 2, 0.25, 1.5])
  private let mask = Tensor(shape: [2, 2], values: [1, 1, 0, 1])

  @Test("The loss is the mean over valid bins") func theLossIsTheMeanOverValidBins() throws {
    let loss = try MaskedPoisson(counts: counts, mask: mask)(outputs).loss
    #expect(abs(loss - (0.5 + 2 - 3 * log(2 + 1e-8) + 1.5 - 2 * log(1.5 + 1e-8)) / 3) < 1e-12)
  }

  @Test("A mask of one column counts for every cell") func aMaskOfOneColumnCountsForEveryCell() throws {
    let one = try MaskedPoisson(counts: counts, mask: Tensor(shape: [2, 1], values: [1, 0]))(outputs)
    let both = try MaskedPoisson(counts: counts, mask: Tensor(shape: [2, 2], values: [1, 1, 0, 0]))(outputs)
    #expect(one.loss == both.loss && one.gradient == both.gradient)
  }

  @Test("The gradient agrees with differences", arguments: [true, false], [nil, [0.5, 1.5]])
  func theGradientAgreesWithDifferences(
    isLogRate: Bool, weights: [Double]?
  ) throws {
    let objective = try MaskedPoisson(counts: counts, mask: mask, cellWeights: weights, isLogRate: isLogRate)
    let gradient = try objective(outputs).gradient
    for index in outputs.values.indices {
      var (up, down) = (outputs, outputs)
      up.values[index] += 1e-3
      down.values[index] -= 1e-3
      let step = Double(up.values[index]) - Double(down.values[index])
      let difference = (try objective(up).loss - objective(down).loss) / step
      // Third derivatives of the logarithm: 1e-6 times about 10.
      #expect(abs(Double(gradient.values[index]) - difference) < 2e-5)
    }
  }

  @Test("An output below its limit gets no gradient") func anOutputBelowItsLimitGetsNoGradient() throws {
    var low = outputs
    low.values[1] = 1e-9
    let clamped = try MaskedPoisson(counts: counts, mask: mask, clampsOutputs: true)(low)
    #expect(clamped.gradient.values[1] == 0 && clamped.gradient.values[0] != 0)
    #expect(try MaskedPoisson(counts: counts, mask: mask)(low).gradient.values[1] != 0)
  }

  @Test("A mask without a bin and shapes that do not fit are refused") func whatHasNoLossIsRefused() {
    #expect(throws: Failure(.undefined, "the mask leaves no bin: the loss has no value")) {
      try MaskedPoisson(counts: counts, mask: Tensor(zeros: [2, 2]))
    }
    #expect(throws: Failure(.mismatch, "counts of shape [2, 2], a mask of [3, 1] and 2 weights do not fit")) {
      try MaskedPoisson(counts: counts, mask: Tensor(zeros: [3, 1]))
    }
    #expect(throws: Failure(.mismatch, "outputs of shape [2, 3] for counts of shape [2, 2]")) {
      try MaskedPoisson(counts: counts)(Tensor(zeros: [2, 3]))
    }
  }
}
