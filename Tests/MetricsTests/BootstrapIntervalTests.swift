import Metrics
import Testing

struct BootstrapIntervalTests {
  let values = (0..<50).map { Double($0 * 37 % 50) }

  @Test func `the interval holds the mean and has about the width of the normal theory`() throws {
    let interval = try BootstrapInterval(meanOf: values)
    #expect(interval.mean == 24.5)
    // sd 14.43 / sqrt(50) * 2 * 1.96 = 8.0
    #expect(interval.lower < 24.5 && interval.upper > 24.5)
    #expect(abs(interval.upper - interval.lower - 8) < 0.6)
  }

  @Test func `the same seed gives the same interval, another one another`() throws {
    #expect(try BootstrapInterval(meanOf: values) == BootstrapInterval(meanOf: values))
    #expect(try BootstrapInterval(meanOf: values) != BootstrapInterval(meanOf: values, seed: 7))
  }

  @Test func `a single value has no interval`() {
    #expect(throws: Undefined.tooFewValues) { try BootstrapInterval(meanOf: [3]) }
  }
}
