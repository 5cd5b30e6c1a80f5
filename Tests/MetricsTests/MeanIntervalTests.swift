import Metrics
import Testing

struct MeanIntervalTests {
  let values = (0..<50).map { Double($0 * 37 % 50) }

  @Test("The interval contains the mean, and its width is near that of a normal distribution")
  func width() throws {
    let interval = try #require(MeanInterval(values))
    #expect(interval.mean == 24.5)
    let (lower, upper) = (try #require(interval.lower), try #require(interval.upper))
    // sd 14.43 / sqrt(50) * 2 * 1.96 = 8.0
    #expect(lower < 24.5 && upper > 24.5)
    #expect(abs(upper - lower - 8) < 0.6)
  }

  @Test("The same seed gives the same interval, and another seed another one")
  func seeds() {
    #expect(MeanInterval(values) == MeanInterval(values))
    #expect(MeanInterval(values) != MeanInterval(values, seed: 7))
  }

  @Test("Groups have equal weights, however many cells they have")
  func groups() throws {
    let values = [Double](repeating: 1, count: 90) + [Double](repeating: 3, count: 10)
    let sessions = [String](repeating: "A", count: 90) + [String](repeating: "B", count: 10)
    let interval = try #require(MeanInterval(values, groups: sessions))
    #expect(interval.mean == 2)
    // Cells are drawn within their session: nothing varies here.
    #expect(interval.lower == 2 && interval.upper == 2)
    #expect(try #require(MeanInterval(values)).mean == 1.2)
  }

  @Test("A single value has a mean but no interval; without values there is neither")
  func fewValues() throws {
    let single = try #require(MeanInterval([3]))
    #expect(single.mean == 3 && single.lower == nil && single.upper == nil)
    #expect(MeanInterval([]) == nil)
  }
}
