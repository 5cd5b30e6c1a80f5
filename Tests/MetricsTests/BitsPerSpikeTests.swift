import Foundation
import Metrics
import Testing

struct BitsPerSpikeTests {
  @Test(arguments: 0..<3) func `equals what VisionCore computes`(cell: Int) throws {
    let reference = try ReferenceTools.read()
    let score = try #require(BitsPerSpike.score(reference.series(cell: cell)).value)
    // Their sum is in float32.
    #expect(try abs(score - reference.numbers("VisionCore", "bits_per_spike")[cell]) < 1e-7)
  }

  @Test(arguments: 0..<3) func `equals half the deviance explained per spike`(cell: Int) throws {
    let reference = try ReferenceTools.read()
    let score = try #require(BitsPerSpike.score(reference.series(cell: cell)).value)
    // The deviance has no 1e-8 in its logarithm.
    #expect(try abs(score - reference.numbers("nemos_formula", "bits_per_spike_from_deviance")[cell]) < 1e-6)
  }

  @Test func `the mean rate as the prediction scores zero`() throws {
    let series = MaskedSeries(rates: [0.5, 0.5, 0.5, 0.5], counts: [0, 1, 0, 1])
    #expect(try abs(#require(BitsPerSpike.score(series).value)) < 1e-12)
  }

  @Test func `a perfect prediction scores the most`() throws {
    let counts: [Float] = [0, 3, 1, 0, 2, 0]
    let perfect = try #require(BitsPerSpike.score(MaskedSeries(rates: counts, counts: counts)).value)
    let scaled = MaskedSeries(rates: counts.map { $0 * 1.1 }, counts: counts)
    #expect(try perfect > #require(BitsPerSpike.score(scaled).value))
  }

  @Test func `a shuffled prediction loses`() throws {
    let reference = try ReferenceTools.read()
    var series = reference.series(cell: 2)
    series.rates = series.rates.reversed()
    #expect(try #require(BitsPerSpike.score(series).value) < 0)
  }

  @Test func `is the loss saved over the constant rate`() throws {
    let rates: [Float] = [0.2, 0.9, 0.4, 0.1]
    let counts: [Float] = [0, 2, 1, 0]
    let model = try #require(NegativeLogLikelihood.perBin(MaskedSeries(rates: rates, counts: counts)).value)
    let constant = MaskedSeries(rates: [0.75, 0.75, 0.75, 0.75], counts: counts)
    let null = try #require(NegativeLogLikelihood.perBin(constant).value)
    let score = try #require(BitsPerSpike.score(MaskedSeries(rates: rates, counts: counts)).value)
    #expect(abs(score - (null - model) * 4 / (3 * log(2))) < 1e-12)
  }

  @Test func `a null rate from elsewhere takes the place of the bins' own mean`() throws {
    let series = MaskedSeries(rates: [0.2, 0.9, 0.4, 0.1], counts: [0, 2, 1, 0])
    let own = try #require(BitsPerSpike.score(series).value)
    #expect(try abs(#require(BitsPerSpike.score(series, nullMean: 0.75).value) - own) < 1e-12)
    // No constant rate fits the bins better than their own mean.
    #expect(try #require(BitsPerSpike.score(series, nullMean: 0.3).value) > own)
  }

  @Test func `bins that are masked out play no part, whatever stands in them`() throws {
    let valid = MaskedSeries(rates: [0.2, 0.9], counts: [0, 2])
    let masked = MaskedSeries(rates: [.nan, 0.2, -1, 0.9], counts: [1, 0, .nan, 2], mask: [0, 1, 0, 1])
    #expect(BitsPerSpike.score(masked) == BitsPerSpike.score(valid))
  }

  @Test(arguments: [
    (MaskedSeries(rates: [0.2, 0.9], counts: [0, 2], mask: [0, 0]), Undefined.allMasked),
    (MaskedSeries(rates: [0.2, 0.9], counts: [0, 0]), .noSpikes),
    (MaskedSeries(rates: [0.2, .nan], counts: [0, 2]), .notFinite),
    (MaskedSeries(rates: [.infinity, 0.2], counts: [0, 2]), .notFinite),
    (MaskedSeries(rates: [-0.1, 0.2], counts: [0, 2]), .negativePrediction),
    (MaskedSeries(rates: [0.1, 0.2], counts: [0, .nan]), .responseNotFinite),
    (MaskedSeries(rates: [], counts: []), .allMasked),
  ]) func `says why there is no number`(series: MaskedSeries, cause: Undefined) {
    #expect(BitsPerSpike.score(series) == .undefined(cause))
  }

  @Test func `a null rate of zero has no score`() {
    let series = MaskedSeries(rates: [0.2, 0.9], counts: [0, 2])
    #expect(BitsPerSpike.score(series, nullMean: 0) == .undefined(.nullNotPositive))
  }
}
