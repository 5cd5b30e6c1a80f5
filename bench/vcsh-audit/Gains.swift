import Analysis
import Base
import Fitting
import Foundation
import Kernels
import Metrics
import Recordings

/// Gains, their standard errors, and what follows from them.
enum Gains {
  static func claims(_ effort: Int) throws -> [Claim] {
    var claims: [Claim] = []
    for (name, variation) in [("Poisson counts", 0.0), ("each trial's gain varies, CV 0.3", 0.3)] {
      var inside: [(gain: (inside: Int, of: Int), offset: (inside: Int, of: Int))] = []
      for trials in [8, 12, 20, 40, 100] {
        inside.append(try errors(1000 * effort, trials: trials, variation: variation))
      }
      claims.append(
        .coverage("gain ± t gain_se of 8 to 100 trials, \(name)", in: 0.93...0.97, inside.map(\.gain)))
      claims.append(
        .coverage("offset ± t offset_se of 8 to 100 trials, \(name)", in: 0.93...0.97, inside.map(\.offset)))
    }
    claims.append(
      .rate(
        "gain --statistics: p below 0.05 where the gain follows nothing, 4 to 40 trials", atMost: 0.05,
        try [4, 6, 9, 10, 20, 40].map { try following(300 * effort, trials: $0, exponent: 0) }))
    let found = try following(100 * effort, trials: 20, exponent: 1)
    claims.append(
      .rate(
        "gain --statistics: p below 0.05 where the gain is proportional to contrast, 20 trials", atLeast: 0.8,
        (found.wrong, found.of)))
    return claims
  }

  private static func errors(
    _ count: Int, trials: Int, variation: Double
  ) throws -> (gain: (inside: Int, of: Int), offset: (inside: Int, of: Int)) {
    let factor = StudentT.value(exceededWith: 0.05, freedom: Double(trials - 1))
    let found = try Parallel.map(count) { index -> (Bool, Bool)? in
      let cell = SimulatedCell(
        trials: trials, frames: 120, spikesPerSecond: 24, modulation: 0.7, trialVariation: variation,
        gain: { _ in 0.7 }, offsetHz: 8)
      let predictions = cell.predictions(seed: UInt32(trials * 100_000 + index))
      let calibration = try Calibrator.calibrate(predictions, mode: .affine)
      guard let errors = try RobustErrors.of(calibration, predictions)[0], let gain = calibration.cells[0].gain,
        let offset = calibration.cells[0].offset
      else { return nil }
      return (abs(gain - 0.7) <= factor * errors.gain, abs(offset - 8.0 / 120) <= factor * errors.offset)
    }.compactMap { $0 }
    return ((found.count { $0.0 }, found.count), (found.count { $0.1 }, found.count))
  }

  /// How often some p of a session lies below 0.05: gains per trial vary by themselves with a CV of 0.3.
  private static func following(_ count: Int, trials: Int, exponent: Double) throws -> (wrong: Int, of: Int) {
    let found = try Parallel.map(count) { index -> Int in
      let seed = UInt32(trials * 10_000 + index) &+ UInt32(exponent * 7e6)
      var generator = MersenneTwister(seed: seed &+ 77)
      let contrasts = (0..<trials).map { _ in 0.2 + 0.8 * generator.uniform() }
      let own = (0..<trials).map { _ in SimulatedCell.gamma(variation: exponent > 0 ? 0.1 : 0.3, &generator) }
      let cell = SimulatedCell(trials: trials, frames: 120, spikesPerSecond: 12)
      var predictions = cell.population(8, seed: seed)
      for row in 0..<predictions.frameCount {
        let trial = row / 120
        let gain = own[trial] * (exponent > 0 ? 2 * contrasts[trial] : 1)
        for place in row * 8..<(row + 1) * 8 {
          let rate = Double(predictions.rates.values[place])
          predictions.counts.values[place] = Float(SimulatedCell.poisson(gain * rate, &generator))
        }
      }
      let calibration = try Calibrator.calibrate(predictions, mode: .affine)
      let following = try GainFollowing(predictions, calibration, stimulus: "simulated", work: .silent) { frames in
        var statistics = StimulusStatistics(Tensor(shape: [2, 1, 1, 2], values: [0, 1, 1, 0]), rateHz: 120)
        statistics?.contrast = contrasts[(frames.first ?? 0) / 120]
        statistics?.mean = 0.5
        statistics?.temporalFrequency = 10
        return statistics
      }
      let p = GainFollowing.table([following])["p"]?.numbers?.first ?? nil
      return (p ?? 1) < 0.05 ? 1 : 0
    }
    return (found.reduce(0, +), count)
  }
}
