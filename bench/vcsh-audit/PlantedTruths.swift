import Analysis
import Base
import Foundation
import Kernels
import Planted

/// Edits of small twins on simulated sessions whose truth is known.
enum PlantedTruths {
  private static let sessions = 5

  private static let experiments = PlantedExperiments(training: 1200, heldOut: 1200, steps: 120, seeds: 2)

  static func latency(_ effort: Int) throws -> [Claim] {
    let free = try rows { try experiments.hiding(3, latency: 3, seed: $0).bits("hidden") }
    let costly = try rows { try experiments.hiding(3, latency: 0, seed: $0).bits("hidden") }
    return [
      claim("hide the newest 3 frames where cells answer from lag 3 on", "no loss shown", free) { $0.upper >= 0 },
      claim("hide the newest 3 frames where cells answer from lag 0 on", "a loss shown", costly) { $0.upper < 0 },
    ]
  }

  static func gain(_ effort: Int) throws -> [Claim] {
    let results = try Parallel.map(sessions) { try experiments.normalising(seed: UInt32(100 * $0 + 7)) }
    func rows(_ arm: String, _ role: String) -> [WhatIfResult.Row] { results.compactMap { $0.bits(arm, role) } }
    let share = zip(rows("none", "withheld"), rows("rms", "withheld")).map { none, rms in
      (none.difference ?? .nan) / (rms.difference ?? .nan)
    }
    return [
      claim(
        "cells divide by contrast: RMS in place of GRN, withheld stimulus of 3 times the contrast", "a gain shown",
        rows("rms", "withheld")
      ) { $0.lower > 0 },
      Claim(
        name: "the same without any norm, which can't divide: share of that gain", promised: "at most 10 %",
        measured: "at most \(Claim.percent(share.max() ?? .nan))",
        holds: share.count == sessions && share.allSatisfy { $0 <= 0.1 }),
    ]
  }

  static func rates(_ effort: Int) throws -> [Claim] {
    let experiments = PlantedExperiments(training: 8000, heldOut: 8000, steps: 400, seeds: 1)
    let results = try Parallel.map(sessions) { try experiments.weighing(seed: UInt32(100 * $0 + 9)) }
    func rows(_ quarter: Int) -> [WhatIfResult.Row] {
      results.compactMap { $0.bits("weighed", "trained", "rate quarter \(quarter)") }
    }
    return [
      claim("inverse-rate weights, 0.5 to 50 spikes/s: the quarter with the lowest rates", "a gain shown", rows(1)) {
        $0.lower > 0
      },
      claim("the same: the quarter with the highest rates pays", "a loss shown", rows(4)) { $0.upper < 0 },
    ]
  }

  static func nothing(_ effort: Int) throws -> [Claim] {
    let experiments = PlantedExperiments(training: 400, heldOut: 400, steps: 30, seeds: 3)
    let found = try Parallel.map(20 * effort) { index in
      let interval = try experiments.nothing(seed: UInt32(100 * index + 11)).bits("nothing")?.interval
      return interval.map { $0.lower <= 0 && 0 <= $0.upper } ?? false
    }
    return [
      .rate(
        "an edit that changes nothing: 0 lies in the interval", atLeast: 0.95, (found.count { $0 }, found.count))
    ]
  }

  static func forecasts(_ effort: Int) throws -> [Claim] {
    let forecasts = PlantedForecasts(steps: 40, training: 2000, heldOut: 1000, seeds: 3)
    let cases = (0..<effort).flatMap { round in PlantedForecasts.cases.map { (round, $0) } }
    let found = try Parallel.map(cases.count) { index in
      let (round, planted) = cases[index]
      return try forecasts.outcome(planted, seed: UInt32(1000 * round + 37 * (index % 10) + 13))
    }
    for ((_, planted), outcome) in zip(cases, found) where !outcome.isCovered {
      let interval = [outcome.forecast.lower, outcome.forecast.upper].map { text($0 ?? .nan) }
      FileHandle.standardError.write(
        Data(
          "worth: \(planted.name): \(text(outcome.effect)) is not in \(interval.joined(separator: " to "))\n".utf8))
    }
    return [
      .rate(
        "worth: the effect after 8 times the steps lies in the interval", atLeast: 0.8,
        (found.count { $0.isCovered }, found.count))
    ]
  }

  // MARK: Rows

  /// One simulated session each.
  private static func rows(_ body: @Sendable (UInt32) throws -> WhatIfResult.Row?) throws -> [WhatIfResult.Row] {
    try Parallel.map(sessions) { try body(UInt32(100 * $0 + 3)) }.compactMap(\.self)
  }

  /// In how many sessions the interval of the difference is as promised, and the mean difference.
  private static func claim(
    _ name: String, _ promised: String, _ rows: [WhatIfResult.Row], _ holds: ((lower: Double, upper: Double)) -> Bool
  ) -> Claim {
    let right = rows.count { $0.interval.map(holds) ?? false }
    let differences = rows.compactMap(\.difference)
    let mean = differences.reduce(0, +) / Double(max(1, differences.count))
    return Claim(
      name: name, promised: "\(promised) in \(sessions) of \(sessions) sessions",
      measured: "\(right) of \(rows.count), on average \(text(mean)) bits/spike", holds: right == sessions)
  }

  private static func text(_ value: Double) -> String { String(format: "%+.3f", value) }
}
