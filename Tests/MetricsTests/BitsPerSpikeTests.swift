import Foundation
import Metrics
import Testing

struct BitsPerSpikeTests {
  @Test("Bits per spike equal VisionCore's", arguments: 0..<3)
  func visionCore(cell: Int) throws {
    let reference = try ReferenceTools.read()
    let score = try #require(BitsPerSpike.score(reference.series(cell: cell)).value)
    // Their sum is in float32.
    #expect(try abs(score - reference.numbers("VisionCore", "bits_per_spike")[cell]) < 1e-7)
  }

  @Test("Bits per spike equal half the explained deviance per spike", arguments: 0..<3)
  func explainedDeviance(cell: Int) throws {
    let reference = try ReferenceTools.read()
    let score = try #require(BitsPerSpike.score(reference.series(cell: cell)).value)
    // The deviance has no 1e-8 in its logarithm.
    #expect(try abs(score - reference.numbers("nemos_formula", "bits_per_spike_from_deviance")[cell]) < 1e-6)
  }

  @Test("The mean rate as prediction scores zero")
  func meanRate() throws {
    let series = MaskedSeries(rates: [0.5, 0.5, 0.5, 0.5], counts: [0, 1, 0, 1])
    #expect(try abs(#require(BitsPerSpike.score(series).value)) < 1e-12)
  }

  @Test("A perfect prediction scores highest")
  func perfectPrediction() throws {
    let counts: [Float] = [0, 3, 1, 0, 2, 0]
    let perfect = try #require(BitsPerSpike.score(MaskedSeries(rates: counts, counts: counts)).value)
    for rates in [counts.map { $0 * 1.1 }, counts.map { $0 * 0.9 }, counts.map { $0 + 0.1 }, counts.reversed()] {
      #expect(try perfect > #require(BitsPerSpike.score(MaskedSeries(rates: rates, counts: counts)).value))
    }
  }

  @Test("A prediction that runs backwards scores below a constant rate")
  func reversedPrediction() throws {
    let reference = try ReferenceTools.read()
    var series = reference.series(cell: 2)
    series.rates = series.rates.reversed()
    #expect(try #require(BitsPerSpike.score(series).value) < 0)
  }

  @Test("Bits per spike equal the difference in Poisson loss to the constant rate")
  func lossDifference() throws {
    let rates: [Float] = [0.2, 0.9, 0.4, 0.1]
    let counts: [Float] = [0, 2, 1, 0]
    let model = try #require(NegativeLogLikelihood.perBin(MaskedSeries(rates: rates, counts: counts)).value)
    let constant = MaskedSeries(rates: [0.75, 0.75, 0.75, 0.75], counts: counts)
    let null = try #require(NegativeLogLikelihood.perBin(constant).value)
    let score = try #require(BitsPerSpike.score(MaskedSeries(rates: rates, counts: counts)).value)
    #expect(abs(score - (null - model) * 4 / (3 * log(2))) < 1e-12)
  }

  @Test("A given null rate replaces the mean of the bins")
  func givenNullRate() throws {
    let series = MaskedSeries(rates: [0.2, 0.9, 0.4, 0.1], counts: [0, 2, 1, 0])
    let own = try #require(BitsPerSpike.score(series).value)
    #expect(try abs(#require(BitsPerSpike.score(series, nullMean: 0.75).value) - own) < 1e-12)
    // The losses of the two constant rates differ by (0.3 - 0.75 ln 0.3) - (0.75 - 0.75 ln 0.75) a bin.
    let gained = try #require(BitsPerSpike.score(series, nullMean: 0.3).value) - own
    #expect(abs(gained - 0.4563110415) < 1e-6)
  }

  @Test("Masked bins are ignored, whatever they contain")
  func maskedBins() throws {
    let valid = MaskedSeries(rates: [0.2, 0.9], counts: [0, 2])
    let masked = MaskedSeries(rates: [.nan, 0.2, -1, 0.9], counts: [1, 0, .nan, 2], mask: [0, 1, 0, 1])
    #expect(BitsPerSpike.score(masked) == BitsPerSpike.score(valid))
  }

  @Test(
    "An undefined score has its reason",
    arguments: [
      (MaskedSeries(rates: [0.2, 0.9], counts: [0, 2], mask: [0, 0]), Undefined.allMasked),
      (MaskedSeries(rates: [0.2, 0.9], counts: [0, 0]), .noSpikes),
      (MaskedSeries(rates: [0.2, .nan], counts: [0, 2]), .notFinite),
      (MaskedSeries(rates: [.infinity, 0.2], counts: [0, 2]), .notFinite),
      (MaskedSeries(rates: [-0.1, 0.2], counts: [0, 2]), .negativePrediction),
      (MaskedSeries(rates: [0.1, 0.2], counts: [0, .nan]), .responseNotFinite),
      (MaskedSeries(rates: [], counts: []), .allMasked),
    ]) func undefinedReasons(series: MaskedSeries, cause: Undefined)
  {
    #expect(BitsPerSpike.score(series) == .undefined(cause))
  }

  @Test("With a null rate of zero the score is undefined")
  func zeroNullRate() {
    let series = MaskedSeries(rates: [0.2, 0.9], counts: [0, 2])
    #expect(BitsPerSpike.score(series, nullMean: 0) == .undefined(.nullNotPositive))
  }
}
