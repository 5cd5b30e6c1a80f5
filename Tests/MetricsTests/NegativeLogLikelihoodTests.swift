import Foundation
import Metrics
import Testing

struct NegativeLogLikelihoodTests {
  @Test("The loss is the mean Poisson loss of the valid bins")
  func validBins() throws {
    let series = MaskedSeries(rates: [0.5, 2, 9], counts: [0, 3, 1], mask: [1, 1, 0])
    let expected = (0.5 + (2 - 3 * log(2 + 1e-8))) / 2
    #expect(try abs(#require(NegativeLogLikelihood.perBin(series).value) - expected) < 1e-12)
  }

  @Test("Without spikes the loss is the mean rate")
  func withoutSpikes() throws {
    let series = MaskedSeries(rates: [0.5, 0.25], counts: [0, 0])
    #expect(NegativeLogLikelihood.perBin(series) == .value(0.375))
  }

  @Test("A rate of zero at a spike has a large but finite loss")
  func zeroRate() throws {
    let loss = try #require(NegativeLogLikelihood.perBin(MaskedSeries(rates: [0], counts: [1])).value)
    #expect(abs(loss - -log(1e-8)) < 1e-9)
  }

  @Test(
    "An undefined score has its reason",
    arguments: [
      (MaskedSeries(rates: [1], counts: [1], mask: [0]), Undefined.allMasked),
      (MaskedSeries(rates: [.nan], counts: [1]), .notFinite),
      (MaskedSeries(rates: [-1], counts: [0]), .negativePrediction),
    ]) func undefinedReasons(series: MaskedSeries, cause: Undefined)
  {
    #expect(NegativeLogLikelihood.perBin(series) == .undefined(cause))
  }
}
