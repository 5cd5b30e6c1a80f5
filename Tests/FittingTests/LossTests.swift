import Fitting
import Foundation
import Testing

@Suite struct LossTests {
  @Test("Bits per spike of the constant rate is zero") func bitsPerSpikeOfTheConstantRateIsZero() throws {
    let constant = PoissonLikelihood.constant(spikes: 30, bins: 400)
    #expect(PoissonLikelihood.bitsPerSpike(constant, spikes: 30, bins: 400) == 0)
  }

  @Test("Bits per spike needs spikes") func bitsPerSpikeNeedsSpikes() {
    #expect(PoissonLikelihood.bitsPerSpike(-1, spikes: 0, bins: 10) == nil)
  }

  @Test("The derivative of the loss agrees with a difference", arguments: [0.0, 1, 3])
  func theLossDerivativeAgreesWithADifference(count: Double) {
    let rate = 0.3
    let step = 1e-6
    let difference =
      (PoissonLikelihood.loss(rate: rate + step, count: count) - PoissonLikelihood.loss(rate: rate - step, count: count))
      / (2 * step)
    #expect(abs(PoissonLikelihood.derivative(rate: rate, count: count) - difference) < 1e-7)
  }

  @Test("Softplus inverts and differentiates", arguments: [-30.0, -3, 0, 2, 19, 25])
  func softplusInvertsAndDifferentiates(preActivation: Double) {
    let value = Softplus.value(preActivation)
    #expect(abs(Softplus.inverse(value) - preActivation) < 1e-6)
    let difference = (Softplus.value(preActivation + 1e-5) - Softplus.value(preActivation - 1e-5)) / 2e-5
    #expect(abs(Softplus.derivative(preActivation) - difference) < 1e-7)
  }
}
