import Base
import Foundation

/// One simulated cell: a smooth rate, and counts drawn from it.
struct SimulatedCell: Sendable {
  var trials = 40
  var frames = 120
  var rateHz = 120.0
  /// Mean of the true rate.
  var spikesPerSecond = 18.0
  /// Standard deviation of the logarithm of the true rate.
  var modulation = 0.8
  /// Correlation of the logarithm between neighbouring frames.
  var smoothness = 0.9
  /// Whether every trial shows the same frames.
  var repeats = false
  /// Coefficient of variation of a gain that each trial has, gamma distributed.
  var trialVariation = 0.0
  /// Of true rates relative to predicted ones, over the whole recording.
  var gain: @Sendable (_ share: Double) -> Double = { _ in 1 }
  /// Counts/s added to the true rate.
  var offsetHz = 0.0
  /// Frames by which the true rate lags behind the predicted one.
  var delay = 0
  /// Whether the counts follow other rates than the predicted ones, of the same kind, different in every trial.
  var isScrambled = false
  /// Share of the bins that are masked, in runs of a quarter of a second.
  var masked = 0.0

  func predictions(seed: UInt32) -> Predictions {
    var generator = MersenneTwister(seed: seed)
    let count = trials * frames
    func course(_ frames: Int) -> [Double] {
      var level = generator.normal()
      let fresh = (1 - smoothness * smoothness).squareRoot()
      let mean = spikesPerSecond / rateHz
      return (0..<frames).map { _ in
        level = smoothness * level + fresh * generator.normal()
        return mean * exp(modulation * level - modulation * modulation / 2)
      }
    }
    let one = repeats ? course(frames) : []
    var rates: [Double] = []
    for _ in 0..<trials { rates += repeats ? one : course(frames) }
    var counts = [Float](repeating: 0, count: count)
    var mask = [Float](repeating: 1, count: count)
    let shown = rates
    if isScrambled { rates = (0..<trials).flatMap { _ in course(frames) } }
    for trial in 0..<trials {
      let start = trial * frames
      let own = trialVariation > 0 ? Self.gamma(variation: trialVariation, &generator) : 1
      var drawn: [Float] = []
      for frame in 0..<frames {
        let source = frame - delay
        let seen = (0..<frames).contains(source) ? rates[start + source] : spikesPerSecond / rateHz
        let rate = own * (gain(Double(start + frame) / Double(count)) * seen + offsetHz / rateHz)
        drawn.append(Float(Self.poisson(max(0, rate), &generator)))
      }
      for frame in 0..<frames { counts[start + frame] = drawn[frame] }
    }
    for start in stride(from: 0, to: count, by: 30) where generator.uniform() < masked {
      for row in start..<min(count, start + 30) { mask[row] = 0 }
    }
    return Predictions(
      cids: [0], frames: Array(0..<count), trials: (0..<count).map { $0 / frames },
      trialBins: repeats ? (0..<count).map { $0 % frames } : nil,
      rates: Tensor(shape: [count, 1], values: shown.map { Float($0) }),
      counts: Tensor(shape: [count, 1], values: counts),
      mask: Tensor(shape: [count, 1], values: mask), rateHz: rateHz)
  }

  /// Several cells side by side, each with a seed of its own.
  func population(_ cells: Int, seed: UInt32) -> Predictions {
    let parts = (0..<cells).map { predictions(seed: seed &* 1009 &+ UInt32($0)) }
    let first = parts[0]
    func joined(_ tensor: KeyPath<Predictions, Tensor>) -> Tensor {
      Tensor(
        shape: [first.frameCount, cells],
        values: (0..<first.frameCount).flatMap { row in parts.map { $0[keyPath: tensor].values[row] } })
    }
    return Predictions(
      cids: Array(0..<cells), frames: first.frames, trials: first.trials, trialBins: first.trialBins,
      rates: joined(\.rates), counts: joined(\.counts), mask: joined(\.mask), rateHz: rateHz)
  }

  static func poisson(_ rate: Double, _ generator: inout MersenneTwister) -> Int {
    guard rate < 30 else {
      return max(0, Int((rate + rate.squareRoot() * generator.normal()).rounded()))
    }
    let limit = exp(-rate)
    var count = -1
    var product = 1.0
    repeat {
      count += 1
      product *= generator.uniform()
    } while product > limit
    return count
  }

  /// Mean 1 (Marsaglia and Tsang 2000; their shape is above 1 here).
  static func gamma(variation: Double, _ generator: inout MersenneTwister) -> Double {
    let shape = 1 / (variation * variation)
    let d = shape - 1 / 3.0
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = generator.normal()
      let v = pow(1 + c * x, 3)
      guard v > 0 else { continue }
      if log(1 - generator.uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v / shape }
    }
  }
}
