import Analysis
import Base
import Testing

@Suite("Intervals over cells and seeds")
struct SeedBoundsTests {
  /// Differences of cells and seeds with known mean and spreads.
  private func simulated(
    cells: Int, seeds: Int, cellSpread: Double, seedSpread: Double, noise: Double, _ random: inout MersenneTwister
  ) -> [[Double]] {
    let own = (0..<cells).map { _ in random.normal() * cellSpread }
    return (0..<seeds).map { _ in
      let shift = random.normal() * seedSpread
      return own.map { 0.3 + $0 + shift + random.normal() * noise }
    }
  }

  @Test(
    "Cover the true difference in at least 93 % of simulations",
    arguments: [(1, 0.0), (2, 0.0), (3, 0.3), (3, 1.0), (5, 0.5)])
  func coverage(seeds: Int, seedSpread: Double) throws {
    var random = MersenneTwister(seed: UInt32(seeds * 100) + UInt32(seedSpread * 10))
    let rounds = 400
    var held = 0
    for _ in 0..<rounds {
      let differences = simulated(
        cells: 24, seeds: seeds, cellSpread: 1, seedSpread: seedSpread, noise: 0.5, &random)
      let interval = try #require(SeedBounds.interval(differences))
      if interval.lower <= 0.3, interval.upper >= 0.3 { held += 1 }
    }
    // Three standard errors of 400 rounds below 95 % leave 91.7 %.
    #expect(Double(held) / Double(rounds) >= 0.917, "\(held) of \(rounds)")
  }

  @Test("With one seed the interval is that over cells; with too few cells there is none")
  func oneSeed() throws {
    let values = (0..<20).map { Double($0 * $0 % 7) }
    let interval = try #require(SeedBounds.interval([values]))
    let own = try #require(MeanBounds.interval(of: values))
    #expect(interval.lower == own.lower && interval.upper == own.upper)
    #expect(SeedBounds.interval([[1, 2, 3]]) == nil)
    #expect(SeedBounds.interval([]) == nil)
  }
}
