import Analysis
import Planted

/// Short trainings on simulated sessions whose truth is known: what `whatif` and `worth` say about it.
enum PlantedTruths {
  static func claims(_ effort: Int) throws -> [Claim] {
    let count = 20 * effort
    let seeds = (0..<count).map { UInt32(1000 + $0) }
    let short = PlantedExperiments(training: 600, heldOut: 600, steps: 40, seeds: 3)

    let free = try seeds.count {
      try short.hiding(3, latency: 3, seed: $0).bits("hidden")?.interval.map { $0.upper >= 0 } == true
    }
    let costly = try seeds.count {
      try short.hiding(3, latency: 0, seed: $0).bits("hidden")?.interval.map { $0.upper < 0 } == true
    }

    let refused = seeds.count { (try? short.hiding(0, latency: 0, seed: $0)) == nil }

    var (recovers, cannot) = (0, 0)
    for seed in seeds {
      let result = try short.normalising(seed: seed)
      guard let rms = result.bits("rms", "withheld"), let none = result.bits("none", "withheld") else { continue }
      if let interval = rms.interval, interval.lower > 0 { recovers += 1 }
      if let able = rms.difference, let other = none.difference, other < 0.1 * able { cannot += 1 }
    }

    // The slowest cells have a spike in two seconds.
    let long = PlantedExperiments(training: 2400, heldOut: 2400, steps: 120, seeds: 3)
    var (lifts, pays) = (0, 0)
    for seed in seeds {
      let result = try long.favouring(power: 0.5, seed: seed)
      if let low = result.bits("weighted", "trained", "quarter 1")?.difference, low > 0 { lifts += 1 }
      if let high = result.bits("weighted", "trained", "quarter 4")?.difference, high < 0 { pays += 1 }
    }

    var (covered, forecast) = (0, 0)
    for (place, seed) in seeds.enumerated() {
      guard let (point, actual) = try short.forecasting(latency: place % 2 == 0 ? 0 : 2, seed: seed) else { continue }
      forecast += 1
      if let lower = point.lower, let upper = point.upper, lower <= actual, actual <= upper { covered += 1 }
    }
    return [
      .rate(
        "Hiding 3 frames that the cells do not see costs nothing beyond the interval", atLeast: 0.95, (free, count)),
      .rate("Hiding 3 frames that the cells see costs more than the interval", atLeast: 0.95, (costly, count)),
      .rate("Hiding 0 frames is refused: it changes nothing", atLeast: 1, (refused, count)),
      .rate(
        "A norm that divides by the contrast recovers a withheld stimulus of three times the contrast", atLeast: 0.95,
        (recovers, count)),
      .rate("No norm recovers less than a tenth of that", atLeast: 0.95, (cannot, count)),
      .rate("Weights rate^-0.5 lift the quartile of lowest rates (0.5 to 50 spikes/s)", atLeast: 0.8, (lifts, count)),
      .rate("and the quartile of highest rates pays", atLeast: 0.8, (pays, count)),
      .rate(
        "The interval of `worth` for 8 times the steps holds the effect after them", atLeast: 0.8, (covered, forecast)),
    ]
  }
}
