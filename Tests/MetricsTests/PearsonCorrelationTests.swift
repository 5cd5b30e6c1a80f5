import Metrics
import Testing

struct PearsonCorrelationTests {
  @Test("The correlation equals that of neuralpredictors on single trials", arguments: 0..<3)
  func neuralpredictors(cell: Int) throws {
    let reference = try ReferenceTools.read()
    let r = try #require(PearsonCorrelation.score(reference.series(cell: cell)).value)
    #expect(try abs(r - reference.numbers("neuralpredictors", "corr_single_trial")[cell]) < 1e-6)
  }

  @Test("The correlation is 1 for a scaled and shifted response, and -1 for its negative")
  func scaledResponse() {
    let counts: [Float] = [0, 1, 3, 0, 2]
    #expect(PearsonCorrelation.score(MaskedSeries(rates: counts.map { $0 * 0.5 + 1 }, counts: counts)) == .value(1))
    #expect(PearsonCorrelation.score(MaskedSeries(rates: counts.map { 3 - $0 }, counts: counts)) == .value(-1))
  }

  @Test("A large mean loses no precision")
  func largeMean() throws {
    let counts: [Float] = [0, 1, 3, 0, 2]
    let series = MaskedSeries(rates: counts.map { 1_000_000 + $0 }, counts: counts)
    #expect(try abs(#require(PearsonCorrelation.score(series).value) - 1) < 1e-12)
  }

  @Test(
    "An undefined score has its reason",
    arguments: [
      (MaskedSeries(rates: [0.1, 0.1, 0.1], counts: [0, 2, 1]), Undefined.constantPrediction),
      (MaskedSeries(rates: [0.1, 0.3, 0.1], counts: [1, 1, 1]), .constantResponse),
      (MaskedSeries(rates: [0.1, 0.3, 0.1], counts: [0, 0, 0]), .noSpikes),
      (MaskedSeries(rates: [0.1, 0.3, 0.1], counts: [0, 2, 1], mask: [0, 0, 0]), .allMasked),
      (MaskedSeries(rates: [0.1, .nan, 0.1], counts: [0, 2, 1]), .notFinite),
    ]) func undefinedReasons(series: MaskedSeries, cause: Undefined)
  {
    #expect(PearsonCorrelation.score(series) == .undefined(cause))
  }
}
