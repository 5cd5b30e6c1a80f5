import Analysis
import Base
import Metrics
import Planted

/// Short trainings on simulated sessions whose truth is known: what `whatif` and `worth` say about it.
enum PlantedTruths {
  static func claims(_ effort: Int) throws -> [Claim] {
    let seeds = (0..<20 * effort).map { UInt32(1000 + $0) }
    let short = PlantedExperiments(training: 600, heldOut: 600, steps: 40, seeds: 3)
    // The slowest cells have a spike in two seconds.
    let long = PlantedExperiments(training: 2400, heldOut: 2400, steps: 120, seeds: 3)
    return try latency(short, seeds) + chance(short, seeds) + gain(short, seeds) + rates(long, seeds)
      + forecasts(short, seeds)
  }

  private static func latency(_ experiments: PlantedExperiments, _ seeds: [UInt32]) throws -> [Claim] {
    let free = try seeds.compactMap { try experiments.hiding(3, latency: 3, seed: $0).bits("hidden") }
    let costly = try seeds.compactMap { try experiments.hiding(3, latency: 0, seed: $0).bits("hidden") }
    let refused = seeds.count { (try? experiments.hiding(0, latency: 0, seed: $0)) == nil }
    return [
      .rate(
        "Hiding 3 frames that the cells do not see costs nothing beyond the interval", atLeast: 0.95,
        (free.count { $0.interval.map { $0.upper >= 0 } == true }, seeds.count), detail: mean(free)),
      .rate(
        "Hiding 3 frames that the cells see costs more than the interval", atLeast: 0.95,
        (costly.count { $0.interval.map { $0.upper < 0 } == true }, seeds.count), detail: mean(costly)),
      .rate("Hiding 0 frames is refused: it changes nothing", atLeast: 1, (refused, seeds.count)),
    ]
  }

  private static func chance(_ experiments: PlantedExperiments, _ seeds: [UInt32]) throws -> [Claim] {
    let rows = try seeds.compactMap { try experiments.chance(seed: $0).bits("other") }
    let shown = rows.count { $0.interval.map { $0.lower > 0 || $0.upper < 0 } == true }
    return [
      .rate(
        "Arms that differ by the noise of their dropout: an interval without 0", atMost: 0.05, [(shown, rows.count)]),
      .rate("and a p below 0.05", atMost: 0.05, [(rows.count { ($0.p ?? 1) < 0.05 }, rows.count)]),
    ]
  }

  private static func gain(_ experiments: PlantedExperiments, _ seeds: [UInt32]) throws -> [Claim] {
    let results = try seeds.map { try experiments.normalising(seed: $0) }
    let able = results.compactMap { $0.bits("rms", "withheld") }
    let other = results.compactMap { $0.bits("none", "withheld") }
    let cannot = zip(able, other).count { able, other in
      able.difference.flatMap { able in other.difference.map { $0 < 0.1 * able } } == true
    }
    return [
      .rate(
        "A norm that divides by the contrast recovers a withheld stimulus of three times the contrast", atLeast: 0.95,
        (able.count { $0.interval.map { $0.lower > 0 } == true }, seeds.count), detail: mean(able)),
      .rate("No norm recovers less than a tenth of that", atLeast: 0.95, (cannot, seeds.count), detail: mean(other)),
    ]
  }

  private static func rates(_ experiments: PlantedExperiments, _ seeds: [UInt32]) throws -> [Claim] {
    let results = try seeds.map { try experiments.favouring(power: 0.5, seed: $0) }
    let low = results.compactMap { $0.bits("weighted", "trained", "quarter 1") }
    let high = results.compactMap { $0.bits("weighted", "trained", "quarter 4") }
    return [
      .rate(
        "Weights rate^-0.5 lift the quartile of lowest rates (0.5 to 50 spikes/s)", atLeast: 0.8,
        (low.count { ($0.difference ?? 0) > 0 }, seeds.count), detail: mean(low)),
      .rate(
        "and the quartile of highest rates pays", atLeast: 0.8,
        (high.count { ($0.difference ?? 0) < 0 }, seeds.count), detail: mean(high)),
    ]
  }

  private static func forecasts(_ experiments: PlantedExperiments, _ seeds: [UInt32]) throws -> [Claim] {
    let trainings = try seeds.enumerated().compactMap { place, seed in
      try experiments.forecasting(latency: place % 2 == 0 ? 0 : 2, seed: seed)
    }
    let known = trainings.compactMap { point, actual in
      point.lower.flatMap { lower in point.upper.map { (lower: lower, upper: $0, actual: actual) } }
    }
    let decided = known.count { $0.lower > 0 || $0.upper < 0 }
    let width = known.isEmpty ? 0 : Moments.mean(known.map { $0.upper - $0.lower })
    return [
      .rate(
        "The interval of `worth` for 8 times the steps holds the effect after them", atLeast: 0.8,
        (known.count { $0.lower <= $0.actual && $0.actual <= $0.upper }, trainings.count),
        detail:
          "\(NumberText.sentence(width)) bits/spike wide on average, without 0 in \(decided) of \(known.count)")
    ]
  }

  /// `0.12 bits/spike on average`
  private static func mean(_ rows: [WhatIfResult.Row]) -> String? {
    let differences = rows.compactMap(\.difference)
    guard !differences.isEmpty else { return nil }
    return "\(NumberText.sentence(Moments.mean(differences))) bits/spike on average"
  }
}
