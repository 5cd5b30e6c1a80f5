import Metrics
import Testing

struct CountingMetricsTests {
  let series = MaskedSeries(rates: [1, 1, 1, 1], counts: [0, 3, 1, 5], mask: [1, 1, 1, 0], rateHz: 120)

  @Test("Spikes are counted in the valid bins")
  func spikes() { #expect(SpikeCount.score(series) == .value(4)) }
  @Test("Valid bins are those with a mask above 0")
  func validBins() { #expect(ValidBins.score(series) == .value(3)) }
  @Test("The firing rate is the mean count of valid bins times the bins per second")
  func firingRate() {
    #expect(FiringRate.score(series) == .value(160))
  }

  @Test("A cell without a valid bin has no firing rate")
  func noValidBin() {
    #expect(FiringRate.score(MaskedSeries(rates: [1], counts: [1], mask: [0])) == .undefined(.allMasked))
  }
}
