import Analysis
import Base
import Foundation
import Testing

/// Forecasts of an effect from shorter trainings, against simulated courses whose end is known.
@Suite("Forecast of an effect")
struct EffortForecastTests {
  /// Courses of both arms with 30 cells: scores of the control at 0, the edited arm's along `effect`, times a factor of each
  /// cell (1 on average), with noise of cells and of orders of batches.
  static func course(
    seeds: Int, noise: Double, random: inout MersenneTwister, effect: (Double) -> Double
  ) -> [WhatIfExperiment.CoursePoint] {
    let drawn = (0..<30).map { _ in exp(0.5 * random.normal()) }
    let factors = drawn.map { $0 * 30 / drawn.reduce(0, +) }
    return [50, 100, 200, 400].map { steps in
      let edited = (0..<seeds).map { _ in
        let common = noise * random.normal()
        return factors.map { Optional($0 * effect(Double(steps)) + common + (2 * noise + 0.02) * random.normal()) }
      }
      let control = edited.map { $0.map { _ in Optional(0.0) } }
      return WhatIfExperiment.CoursePoint(steps: steps, scores: [control, edited])
    }
  }

  @Test("Trained points are means over cells and seeds; the forecast halves the change of each doubling")
  func points() throws {
    var random = MersenneTwister(seed: 3)
    // 1, 2, 3, 4 at 50, 100, 200, 400 steps: one more with every doubling.
    var course = Self.course(seeds: 2, noise: 0, random: &random) { log2($0 / 25) }
    for point in course.indices {
      for seed in 0..<2 {
        for cell in 0..<30 { course[point].scores[1][seed][cell] = Double(point + 1) + Double(cell) * 0.01 - 0.145 }
      }
    }
    let forecast = try EffortForecast(course, to: 1600)
    #expect(forecast.points.map(\.steps) == [50, 100, 200, 400, 1600] && forecast.cellCount == 30)
    for (point, mean) in zip(forecast.points, [1, 2, 3, 4, 4.75]) { #expect(abs(point.effect - mean) < 1e-9) }
    let last = try #require(forecast.forecast)
    // From the last doubling taken back to two more of the same.
    let (lower, upper) = (try #require(last.lower), try #require(last.upper))
    #expect(abs(lower - 3) < 0.1 && abs(upper - 6) < 0.1)
    #expect(forecast.points.map(\.isMeasured) == [true, true, true, true, false])
  }

  @Test("An effect that grows with every doubling may go on growing")
  func growth() throws {
    var random = MersenneTwister(seed: 4)
    let course = Self.course(seeds: 2, noise: 0, random: &random) { $0 / 400 }
    let last = try #require(EffortForecast(course, to: 1600).forecast)
    // In proportion to the steps it is 4 at 1600.
    #expect(try #require(last.upper) > 3.9)
  }

  @Test(
    "Intervals hold the long training's effect in at least 8 of 10 simulated experiments of each kind",
    arguments: ["saturating", "slow", "fading", "none", "steady"])
  func coverage(kind: String) throws {
    var random = MersenneTwister(seed: 11)
    var held = 0
    let count = 40
    for _ in 0..<count {
      let size = (random.uniform() < 0.5 ? -1 : 1) * pow(2, 3 * random.uniform() - 2)
      let pace = 400 * pow(2, 5.5 * random.uniform() - 3)
      func effect(_ steps: Double) -> Double {
        switch kind {
        case "saturating": size * (1 - exp(-steps / pace))
        case "slow": size * (1 - 1 / (1 + steps / pace).squareRoot())
        case "fading": size * (exp(-steps / pace) - 0.3)
        case "none": 0
        default: size * log2(1 + steps / pace) / 6
        }
      }
      let noise = random.uniform() < 0.5 ? 0.01 : 0.1
      let course = Self.course(seeds: 3, noise: noise, random: &random, effect: effect)
      let last = try #require(EffortForecast(course, to: 3200).forecast)
      let (lower, upper) = (try #require(last.lower), try #require(last.upper))
      if lower <= effect(3200), effect(3200) <= upper { held += 1 }
    }
    #expect(held >= count * 8 / 10, "\(held) of \(count)")
  }

  @Test("Too few numbers of steps, a shorter training than the last, or no cell with all scores are refused")
  func refusals() throws {
    var random = MersenneTwister(seed: 5)
    let course = Self.course(seeds: 2, noise: 0.1, random: &random) { _ in 1 }
    #expect(throws: Failure.self) { try EffortForecast(Array(course.prefix(2)), to: 1600) }
    #expect(throws: Failure.self) { try EffortForecast(course, to: 100) }
    var empty = course
    for cell in 0..<30 { empty[1].scores[0][0][cell] = nil }
    #expect(throws: Failure.self) { try EffortForecast(empty, to: 1600) }
  }
}
