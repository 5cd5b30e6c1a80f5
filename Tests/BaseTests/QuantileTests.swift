import Base
import Testing

@Suite struct QuantileTests {
  @Test("Quantiles are linear between ranks, like numpy's")
  func linearBetweenRanks() {
    // numpy.quantile([3, 1, 4, 1, 5], q)
    let values = [3.0, 1, 4, 1, 5]
    #expect(Quantile.of(values, share: 0) == 1)
    #expect(Quantile.of(values, share: 0.25) == 1)
    #expect(abs((Quantile.of(values, share: 0.6) ?? .nan) - 3.4) < 1e-15)
    #expect(Quantile.of(values, share: 1) == 5)
  }

  @Test(
    "The median of an even count is the mean of the two middle values",
    arguments: [
      ([2.0, 1], 1.5), ([4.0, 1, 3, 2], 2.5), ([0.1, 0.7], (0.1 + 0.7) / 2), ([7.0], 7), ([9.0, 1, 5], 5),
    ] as [([Double], Double)])
  func median(_ values: [Double], _ expected: Double) { #expect(Quantile.median(values) == expected) }

  @Test("Without values there is no quantile")
  func empty() {
    #expect(Quantile.median([]) == nil)
    #expect(Quantile.of(sorted: [], share: 0.3) == nil)
  }

  @Test("Infinite values are ordered like others")
  func infinities() {
    #expect(Quantile.of([.infinity, .infinity], share: 0.25) == .infinity)
    #expect(Quantile.of([-.infinity, 1], share: 0.25) == -.infinity)
    #expect(Quantile.of([1, 2, .infinity], share: 0.5) == 2)
    #expect(Quantile.median([-.infinity, .infinity])?.isNaN == true)
  }
}
