import Base
import Fitting
import Foundation
import Kernels
import Metrics

/// The p values of `why`, and the intervals around events.
enum PermutationTests {
  static func claims(_ effort: Int) throws -> [Claim] {
    @Sendable func cell(_ repeats: Bool, hz: Double, smoothness: Double = 0.9) -> SimulatedCell {
      SimulatedCell(trials: 20, frames: 120, spikesPerSecond: hz, smoothness: smoothness, repeats: repeats)
    }
    let rates = [1.0, 4, 18]
    return [
      .rate(
        "repeats agree: p below 0.05 for counts that follow other rates in every trial", atMost: 0.05,
        try rates.map { hz in
          try SmallSamples.wrong(300 * effort, seed: UInt32(hz)) { generator in
            var scrambled = cell(true, hz: hz)
            scrambled.isScrambled = true
            let predictions = scrambled.predictions(seed: UInt32(generator.nextWord()))
            guard let repeats = try? RepeatLayout(predictions).repeats(of: predictions, cell: 0),
              let locking = try? StimulusLocking(repeats)
            else { return false }
            return locking.p < 0.05
          }
        }),
      .rate(
        "counts follow the prediction: p below 0.05 for rates of another stimulus", atMost: 0.05,
        try rates.flatMap { hz in
          try [0.0, 0.9, 0.98].map { smoothness in
            try SmallSamples.wrong(300 * effort, seed: UInt32(hz)) { generator in
              let own = cell(false, hz: hz, smoothness: smoothness).predictions(seed: UInt32(generator.nextWord()))
              let other = cell(false, hz: hz, smoothness: smoothness).predictions(seed: UInt32(generator.nextWord()))
              var series = MaskedSeries(own, cell: 0)
              series.rates = MaskedSeries(other, cell: 0).rates
              return ((try? PredictionLocking(series))?.p ?? 1) < 0.05
            }
          }
        }),
      .rate(
        "slow gain: p below 0.05 for a steady cell", atMost: 0.05,
        try rates.map { hz in
          try SmallSamples.wrong(300 * effort, seed: UInt32(hz)) { generator in
            var steady = cell(false, hz: hz)
            steady.trialVariation = 0.3
            let predictions = steady.predictions(seed: UInt32(generator.nextWord()))
            return (SlowGain(MaskedSeries(predictions, cell: 0), trials: predictions.trials)?.p ?? 1) < 0.05
          }
        }),
      .coverage(
        "95 % interval of a rate around 12 to 200 events, 5 and 30 spikes/s", in: 0.90...0.98,
        try [12, 30, 200].flatMap { events in
          try [5.0, 30].map { hz in
            try SmallSamples.coverage(60 * effort, seed: UInt32(events)) { generator in
              let cell = SimulatedCell(
                trials: events, frames: 12, spikesPerSecond: hz, modulation: 0, repeats: true, trialVariation: 0.3)
              let predictions = cell.predictions(seed: UInt32(generator.nextWord()))
              var windows = EventWindows(lags: 0...11, binFrames: 6)
              for event in 0..<events { windows.add((0..<12).map { ($0, event * 12 + $0) }) }
              let bin = TriggeredAverages(predictions, windows).response(of: 0).bins[0]
              guard let low = bin.low, let high = bin.high else { return nil }
              return low <= hz / 120 && hz / 120 <= high
            }
          }
        }),
    ]
  }
}
