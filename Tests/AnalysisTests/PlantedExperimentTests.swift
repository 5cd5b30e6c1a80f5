import Analysis
import Base
import Planted
import Testing

/// Small twins on simulated sessions.
@Suite("Experiments whose truth was planted")
struct PlantedExperimentTests {
  private func experiments(steps: Int = 40, training: Int = 600) -> PlantedExperiments {
    PlantedExperiments(training: training, heldOut: 600, steps: steps, seeds: 1)
  }

  @Test("Hiding the newest frames costs nothing where the cells answer later than that")
  func free() throws {
    let row = try #require(experiments().hiding(3, latency: 3, seed: 3).bits("hidden"))
    #expect(row.cells == 24)
    #expect(try #require(row.interval).upper >= 0)
  }

  @Test("It costs where the cells answer earlier")
  func costly() throws {
    #expect(try #require(experiments().hiding(3, latency: 0, seed: 3).bits("hidden")?.interval).upper < 0)
  }

  @Test("Arms that differ by the noise of their dropout alone show no difference in 19 of 20 experiments")
  func chance() throws {
    let experiments = PlantedExperiments(training: 300, heldOut: 300, steps: 12, seeds: 3)
    var (shown, differing) = (0, 0)
    for seed in 0..<20 {
      let row = try #require(experiments.chance(seed: 500 + UInt32(seed)).bits("other"))
      let interval = try #require(row.interval)
      if interval.lower > 0 || interval.upper < 0 || (row.p ?? 1) < 0.05 { shown += 1 }
      if row.difference != 0 { differing += 1 }
    }
    #expect(shown <= 1 && differing == 20, "\(shown) of 20")
  }

  @Test(
    "Weights rate^-0.5 lift the quartile of lowest rates on average over four experiments, and the highest one pays")
  func favouring() throws {
    let experiments = PlantedExperiments(training: 2400, heldOut: 2400, steps: 120, seeds: 1)
    let quarters = try (0..<4).map { seed in
      let result = try experiments.favouring(power: 0.5, seed: 1000 + UInt32(seed))
      return try (1...4).map { try #require(result.bits("weighted", "trained", "quarter \($0)")?.difference) }
    }
    #expect(quarters.reduce(0) { $0 + $1[0] } > 0 && quarters.allSatisfy { $0[3] < 0 }, "\(quarters)")
  }

  @Test("The interval of `worth` holds what eight times the steps show, in trainings of hidden frames")
  func forecast() throws {
    let experiments = PlantedExperiments(training: 600, heldOut: 600, steps: 24, seeds: 3)
    var held = 0
    for (place, latency) in [0, 2, 0, 2, 0].enumerated() {
      let found = try experiments.forecasting(latency: latency, seed: 1000 + UInt32(place))
      let (point, actual) = try #require(found)
      let (lower, upper) = (try #require(point.lower), try #require(point.upper))
      if lower <= actual && actual <= upper { held += 1 }
    }
    #expect(held >= 4, "\(held) of 5")
  }

  @Test("A norm that can divide recovers the score of a withheld stimulus with more contrast; one that can't does not")
  func divisive() throws {
    let result = try experiments().normalising(seed: 7)
    let rms = try #require(result.bits("rms", "withheld"))
    let none = try #require(result.bits("none", "withheld"))
    #expect(try #require(rms.interval).lower > 0)
    #expect(try #require(none.difference) < 0.1 * #require(rms.difference))
  }
}
