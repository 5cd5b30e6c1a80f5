import Metrics
import Testing

struct CountingMetricsTests {
  let series = MaskedSeries(rates: [1, 1, 1, 1], counts: [0, 3, 1, 5], mask: [1, 1, 1, 0], rateHz: 120)

  @Test func `spikes are counted in the valid bins`() { #expect(SpikeCount.score(series) == .value(4)) }
  @Test func `valid bins are those with a mask`() { #expect(ValidBins.score(series) == .value(3)) }
  @Test func `the firing rate is the masked mean count by the bin rate`() {
    #expect(FiringRate.score(series) == .value(160))
  }

  @Test func `a cell without a valid bin has no firing rate`() {
    #expect(FiringRate.score(MaskedSeries(rates: [1], counts: [1], mask: [0])) == .undefined(.allMasked))
  }
}
