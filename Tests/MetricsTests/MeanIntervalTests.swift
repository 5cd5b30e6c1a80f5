import Base
import Foundation
import Metrics
import Testing

struct MeanIntervalTests {
  let values = (0..<50).map { Double($0 * 37 % 50) }

  @Test("The interval contains the mean, and its width is near that of a normal distribution")
  func width() throws {
    let interval = try #require(MeanInterval(values))
    #expect(interval.mean == 24.5)
    let (lower, upper) = (try #require(interval.lower), try #require(interval.upper))
    // sd 14.58 / sqrt(50) * 2 * 2.08 (the nominal level of 96.25 %) = 8.6
    #expect(lower < 24.5 && upper > 24.5)
    #expect(abs(upper - lower - 8.6) < 0.8)
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

  @Test(
    "Intervals of 12 normal or log-normal values hold the mean in 88.5 to 99.2 % of 400 draws", arguments: [0.0, 0.5])
  func coverage(sigma: Double) throws {
    var generator = MersenneTwister(seed: 9)
    var inside = 0
    for _ in 0..<400 {
      let values = (0..<12).map { _ in
        let value = generator.normal()
        return sigma > 0 ? exp(sigma * value) : value
      }
      let interval = try #require(MeanBounds.interval(of: values, samples: 400))
      let truth = sigma > 0 ? exp(sigma * sigma / 2) : 0
      if interval.lower <= truth, truth <= interval.upper { inside += 1 }
    }
    // 2.6 standard errors of 400 draws around 92 and 97 %.
    #expect((0.885...0.992).contains(Double(inside) / 400), "\(inside)")
  }

  @Test("Medians have the interval of Hettmansperger and Sheather, and none for fewer than 5 values")
  func medians() throws {
    // Of 10 values the second and ninth cover 97.9 %, the third and eighth 89.1 %.
    let interval = try #require(MedianBounds.interval(of: (1...10).map { Double($0) }))
    let share = (0.978515625 - 0.95) / (0.978515625 - 0.890625)
    let weight = 8 * share / (2 + 6 * share)
    #expect(abs(interval.lower - (2 + weight)) < 1e-12 && abs(interval.upper - (9 - weight)) < 1e-12)
    #expect(try #require(MedianBounds.interval(of: [3, 1, 2, 5, 4])) == (1, 5))
    #expect(MedianBounds.interval(of: [1, 2, 3, 4]) == nil)
  }

  @Test("Fewer than 12 values have a mean but no interval, with the reason")
  func tooFew() throws {
    let eleven = try #require(MeanInterval((0..<11).map { Double($0) }))
    #expect(eleven.mean == 5 && eleven.lower == nil)
    #expect(eleven.reason == "too few cells for an interval (fewest 12)")
    #expect(try #require(MeanInterval((0..<12).map { Double($0) })).reason == nil)
  }

  @Test("A single value has a mean but no interval; without values there is neither")
  func fewValues() throws {
    let single = try #require(MeanInterval([3]))
    #expect(single.mean == 3 && single.lower == nil && single.upper == nil)
    #expect(MeanInterval([]) == nil)
  }
}
