import Base
import Testing

struct BootstrapTests {
  @Test("Resamples without a value are left out, and without any there is no interval")
  func resamplesValueLeft() {
    let values = [1.0, 2, 3, 4]
    let all = Bootstrap.interval(of: 4) { $0.map { values[$0] }.max() }
    let some = Bootstrap.interval(of: 4) { positions in positions.contains(3) ? values[3] : nil }
    #expect(all?.upper == 4)
    #expect(some?.lower == 4 && some?.upper == 4)
    #expect(Bootstrap.interval(of: 4, statistic: { _ in nil }) == nil)
  }

  @Test("Fewer than two values have no interval")
  func fewerThanTwo() {
    #expect(Bootstrap.interval(of: 1, statistic: { _ in 1 }) == nil)
    #expect(Bootstrap.interval(of: 0, statistic: { _ in 1 }) == nil)
  }

  @Test("Every resample has as many positions as there are values, all of them valid")
  func everyResampleHas() {
    var counts: Set<Int> = []
    var positions: Set<Int> = []
    _ = Bootstrap.interval(of: 5, samples: 100) { sample in
      counts.insert(sample.count)
      positions.formUnion(sample)
      return 0
    }
    #expect(counts == [5] && positions == Set(0..<5))
  }

  @Test("The interval of a mean is that of the normal approximation, and the same for the same seed")
  func interval() throws {
    let values = (0..<100).map { Double($0 % 10) }
    func mean(seed: UInt32) throws -> (lower: Double, upper: Double) {
      try #require(
        Bootstrap.interval(of: 100, seed: seed) { $0.reduce(0) { $0 + values[$1] } / 100 })
    }
    let interval = try mean(seed: 1)
    // Mean 4.5, standard deviation sqrt(8.25), so 1.96 standard errors are 0.563.
    #expect(abs(interval.lower - (4.5 - 0.563)) < 0.05 && abs(interval.upper - (4.5 + 0.563)) < 0.05)
    #expect(try mean(seed: 1) == interval)
    #expect(try mean(seed: 2) != interval)
  }
}
