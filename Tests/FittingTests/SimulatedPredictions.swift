import Base
import Foundation

/// Predictions with counts drawn from a known gain and offset.
enum SimulatedPredictions {
  /// Rates with a log-normal spread and at least `floor`, counts Poisson of `gain * rate + offset`.
  static func make(
    rows: Int = 6000, scales: [(gain: Double, offset: Double)], floor: Double = 0, trialLength: Int? = 60,
    seed: UInt32 = 1
  ) -> Predictions {
    var generator = MersenneTwister(seed: seed)
    let cells = scales.count
    var rates: [Float] = []
    var counts: [Float] = []
    for _ in 0..<rows {
      for scale in scales {
        let rate = Float(floor + 0.1 * exp(0.6 * generator.normal()))
        rates.append(rate)
        counts.append(Float(poisson(max(0, scale.gain * Double(rate) + scale.offset), &generator)))
      }
    }
    return Predictions(
      cids: (0..<cells).map { 10 + 3 * $0 }, frames: Array(0..<rows),
      trials: trialLength.map { length in (0..<rows).map { $0 / length } },
      rates: Tensor(shape: [rows, cells], values: rates), counts: Tensor(shape: [rows, cells], values: counts),
      mask: Tensor(shape: [rows, cells], values: [Float](repeating: 1, count: rows * cells)), rateHz: 120)
  }

  /// One cell with the given bins, in one trial a bin.
  static func cell(rates: [Float], counts: [Float], mask: [Float]? = nil, trials: [Int]? = nil) -> Predictions {
    Predictions(
      cids: [7], frames: Array(rates.indices), trials: trials ?? Array(rates.indices),
      rates: Tensor(shape: [rates.count, 1], values: rates), counts: Tensor(shape: [rates.count, 1], values: counts),
      mask: Tensor(shape: [rates.count, 1], values: mask ?? [Float](repeating: 1, count: rates.count)), rateHz: 120)
  }

  /// Knuth's method: fine for small rates.
  static func poisson(_ rate: Double, _ generator: inout MersenneTwister) -> Int {
    let limit = exp(-rate)
    var count = -1
    var product = 1.0
    repeat {
      count += 1
      product *= generator.uniform()
    } while product > limit
    return count
  }
}
