import Base
import Testing

struct BootstrapTests {
  @Test func `resamples without a value are left out, and without any there is no interval`() {
    let values = [1.0, 2, 3, 4]
    let all = Bootstrap.interval(of: 4) { $0.map { values[$0] }.max() }
    let some = Bootstrap.interval(of: 4) { positions in positions.contains(3) ? values[3] : nil }
    #expect(all?.upper == 4)
    #expect(some?.lower == 4 && some?.upper == 4)
    #expect(Bootstrap.interval(of: 4, statistic: { _ in nil }) == nil)
  }

  @Test func `fewer than two values have no interval`() {
    #expect(Bootstrap.interval(of: 1, statistic: { _ in 1 }) == nil)
    #expect(Bootstrap.interval(of: 0, statistic: { _ in 1 }) == nil)
  }

  @Test func `every resample has as many positions as there are values, all of them valid`() {
    var counts: Set<Int> = []
    var positions: Set<Int> = []
    _ = Bootstrap.interval(of: 5, samples: 100) { sample in
      counts.insert(sample.count)
      positions.formUnion(sample)
      return 0
    }
    #expect(counts == [5] && positions == Set(0..<5))
  }
}
