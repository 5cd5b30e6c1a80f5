import Base
import Fitting
import Foundation
import Kernels
import Metrics

/// Held-out scores of rates that have nothing to do with the counts.
enum HeldOut {
  private struct SetUp: Sendable {
    var trials: Int
    var frames: Int
    var smoothness: Double
    var knowsTrials: Bool
    var knowsRate: Bool
    var isInterleaved = false
  }

  /// Trials or none, rate or none, slow or fast, one trial, two, many, interleaved.
  private static var setUps: [SetUp] {
    var setUps: [SetUp] = []
    for (trials, frames) in [(1, 4800), (2, 2400), (5, 960), (40, 120)] {
      for smoothness in [0.0, 0.95, 0.999] {
        for knowsTrials in [true, false] {
          for knowsRate in [true, false] {
            setUps.append(
              SetUp(
                trials: trials, frames: frames, smoothness: smoothness, knowsTrials: knowsTrials, knowsRate: knowsRate,
                isInterleaved: trials == 40 && knowsRate))
          }
        }
      }
    }
    return setUps
  }

  static func claims(_ effort: Int) throws -> [Claim] {
    var above = 0
    var worst = -Double.infinity
    for (place, setUp) in setUps.enumerated() {
      let scores = try Parallel.map(60 * effort) { try score(setUp, seed: UInt32(place * 1000 + $0)) }.compactMap { $0 }
      guard scores.count > 10 else { continue }
      let mean = scores.reduce(0, +) / Double(scores.count)
      let variance = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(scores.count - 1)
      let z = mean / max(1e-12, (variance / Double(scores.count)).squareRoot())
      worst = max(worst, z)
      if z > 2 { above += 1 }
    }
    let text = (worst * 10).rounded() / 10
    return [
      Claim(
        name: "calibrated held-out score of random rates, \(setUps.count) set-ups: mean above 0 by more than 2 SE",
        promised: "never", measured: "\(above) set-ups, largest z \(text)", holds: above == 0)
    ]
  }

  /// Rates and counts, both with slow changes of their own.
  private static func score(_ setUp: SetUp, seed: UInt32) throws -> Double? {
    let cell = SimulatedCell(
      trials: setUp.trials, frames: setUp.frames, spikesPerSecond: 60, modulation: 1, smoothness: setUp.smoothness)
    var predictions = cell.predictions(seed: seed &* 2 &+ 1)
    predictions.counts = cell.predictions(seed: seed &* 2).counts
    if setUp.isInterleaved {
      // Trials come back: every second one belongs to another stimulus, and ids are not in the order of time.
      predictions.trials = predictions.trials.map { $0.map { $0 % 2 == 0 ? $0 / 2 : 20 + $0 / 2 } }
    }
    if !setUp.knowsTrials { predictions.trials = nil }
    if !setUp.knowsRate { predictions.rateHz = .nan }
    return try Calibrator.calibrate(predictions, mode: .affine).cells[0].bitsPerSpikeCalibrated
  }
}
