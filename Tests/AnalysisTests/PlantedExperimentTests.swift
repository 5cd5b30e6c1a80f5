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

  @Test("A norm that can divide recovers the score of a withheld stimulus with more contrast; one that can't does not")
  func divisive() throws {
    let result = try experiments().normalising(seed: 7)
    let rms = try #require(result.bits("rms", "withheld"))
    let none = try #require(result.bits("none", "withheld"))
    #expect(try #require(rms.interval).lower > 0)
    #expect(try #require(none.difference) < 0.1 * #require(rms.difference))
  }
}
