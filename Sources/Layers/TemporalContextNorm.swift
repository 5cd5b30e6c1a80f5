import Base
import Foundation
import Kernels

/// Every value divided by the root of a running mean of squares over past frames, with a time constant for each channel.
///
/// `spatial: global` takes the mean of squares over each frame, `local` runs at every pixel. `direction: past` runs from the
/// oldest frame of the window to the newest, `index` the other way round. The current frame is included.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: TRAINING 11: tau = softplus(rho) + tau_min frames, a = exp(-1/tau), s = a s + (1-a) e, e = x^2;
///   y = tg x / sqrt(softplus(q)^2 + s) + tb
struct TemporalContextNorm: NamedLayer, SampleLayer {
  static let typeNames = [
    "temporal", "temporal_global_past", "temporal_global_index", "temporal_local_past", "temporal_local_index",
  ]

  let name: String
  let detail: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let isGlobal: Bool
  private let runsByIndex: Bool
  private let tauMin: Double
  private let rho: Parameter
  private let q: Parameter
  private let gain: Parameter
  private let shift: Parameter

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    let words = site.type.split(separator: "_").map(String.init)
    let spatial = try Self.word(
      "spatial", ["global", "local"], given: words.count == 3 ? words[1] : nil, &site.options)
    let direction = try Self.word(
      "direction", ["past", "index"], given: words.count == 3 ? words[2] : nil, &site.options)
    isGlobal = spatial == "global"
    runsByIndex = direction == "index"
    tauMin = try site.options.double("tau_min") ?? 0.1
    guard tauMin > 0, tauMin <= 1e6 else {
      throw Failure(.unsupported, "\(site.options.path("tau_min")): \(tauMin) is not a number of frames above 0")
    }
    try site.options.finish()
    detail = "temporal context norm, \(spatial), \(runsByIndex ? "newest to oldest" : "oldest to newest")"
    let channels = outputChannels
    // A time constant of 3 frames, and a divisor of 1 where there is no contrast.
    rho = try site.weights.channelParameter("rho", channels, start: .constant(Float(Self.inverseSoftplus(3 - 0.1))))
    q = try site.weights.channelParameter("q", channels, start: .constant(Float(Self.inverseSoftplus(1))))
    gain = try site.weights.channelParameter("tg", channels, start: .constant(1))
    shift = try site.weights.channelParameter("tb", channels, start: .constant(0))
    tensors = [rho, q, gain, shift].map(\.stored)
  }

  /// An option that the type's name may give already.
  private static func word(
    _ key: String, _ choices: [String], given: String?, _ options: inout Section
  ) throws -> String {
    let written = try options.string(key)
    if let written, !choices.contains(written) { throw options.unknown(key, key, written, among: choices) }
    if let written, let given, written != given {
      throw Failure(.unsupported, "\(options.path(key)): `\(written)`, but the norm's type says `\(given)`")
    }
    return written ?? given ?? choices[0]
  }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return input
  }

  func forward(_ input: Features) -> Features {
    guard isGlobal else {
      var out = Features(input.shape, Elementwise.unfilled(input.shape.count))
      for channel in 0..<outputChannels {
        numbers(channel).norm.apply(
          input.values, to: &out.values, starts: starts(input.shape, channel), size: input.shape.plane)
      }
      return out
    }
    var out = input
    for channel in 0..<outputChannels {
      let numbers = numbers(channel)
      let running = running(input, channel, keep: numbers.keep).means
      for (time, mean) in zip(order(input.shape), running) {
        Elementwise.scaleShift(
          &out.values, in: input.plane(time: time, channel: channel),
          scale: Float(numbers.gain / (numbers.floor + mean).squareRoot()), shift: shift.values[channel])
      }
    }
    return out
  }

  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    (
      forward(input),
      { gradient in
        var out = gradient
        var slopes = [[Float]](repeating: [], count: 4)
        for channel in 0..<outputChannels {
          let numbers = numbers(channel)
          let sums =
            isGlobal
            ? globalPullback(input, &out, channel, numbers)
            : numbers.norm.pullback(
              input.values, &out.values, starts: starts(input.shape, channel), size: input.shape.plane)
          let tau = numbers.tau
          let keepSlope = numbers.keep / (tau * tau) * Self.sigmoid(Double(rho.values[channel]))
          let floorSlope = 2 * numbers.floor.squareRoot() * Self.sigmoid(Double(q.values[channel]))
          slopes[0].append(Float(sums.keep * keepSlope))
          slopes[1].append(Float(sums.floor * floorSlope))
          slopes[2].append(Float(sums.gain))
          slopes[3].append(Float(sums.shift))
        }
        for (slope, parameter) in zip(slopes, [rho, q, gain, shift]) { pass.add(slope, to: parameter) }
        return out
      }
    )
  }

  /// With r = (floor + s)^-1/2 and L the gradient of s: L = -gain r^3 / 2 sum(g x) + keep L of the next frame.
  private func globalPullback(
    _ input: Features, _ gradient: inout Features, _ channel: Int, _ numbers: Numbers
  ) -> RunningNorm.Gradients {
    let order = order(input.shape)
    let (squares, means) = running(input, channel, keep: numbers.keep)
    var sums = RunningNorm.Gradients()
    var carried = 0.0
    for (place, time) in order.enumerated().reversed() {
      let plane = input.plane(time: time, channel: channel)
      let product = Reduction.dot(
        gradient.values, from: plane.lowerBound, input.values, from: plane.lowerBound, count: plane.count)
      let inverse = 1 / (numbers.floor + means[place]).squareRoot()
      sums.gain += product * inverse
      sums.shift += Reduction.sum(gradient.values, in: plane)
      let direct = -0.5 * numbers.gain * product * inverse * inverse * inverse
      sums.floor += direct
      carried = direct + numbers.keep * carried
      if place > 0 { sums.keep += carried * (means[place - 1] - squares[place]) }
      let share = place > 0 ? 1 - numbers.keep : 1
      Elementwise.combine(
        &gradient.values, in: plane, scale: Float(numbers.gain * inverse), with: input.values,
        scale: Float(2 * share * carried / Double(max(1, plane.count))), center: 0, shift: 0)
    }
    return sums
  }

  // MARK: - Numbers of a channel

  private struct Numbers {
    var tau: Double
    var keep: Double
    var floor: Double
    var gain: Double
    var shift: Double

    var norm: RunningNorm {
      RunningNorm(keep: Float(keep), floor: Float(floor), gain: Float(gain), shift: Float(shift))
    }
  }

  private func numbers(_ channel: Int) -> Numbers {
    let tau = Self.softplus(Double(rho.values[channel])) + tauMin
    let root = Self.softplus(Double(q.values[channel]))
    return Numbers(
      tau: tau, keep: exp(-1 / tau), floor: root * root, gain: Double(gain.values[channel]),
      shift: Double(shift.values[channel]))
  }

  /// Time steps in the order in which the mean runs.
  private func order(_ shape: FeatureShape) -> [Int] {
    runsByIndex ? Array(0..<shape.time) : Array((0..<shape.time).reversed())
  }

  private func starts(_ shape: FeatureShape, _ channel: Int) -> [Int] {
    order(shape).map { ($0 * shape.channels + channel) * shape.plane }
  }

  /// Mean squares of each frame and their running means, in the order in which these run.
  private func running(_ input: Features, _ channel: Int, keep: Double) -> (squares: [Double], means: [Double]) {
    let squares = order(input.shape).map { time in
      Reduction.sumOfSquares(input.values, in: input.plane(time: time, channel: channel))
        / Double(max(1, input.shape.plane))
    }
    var means: [Double] = []
    for square in squares { means.append(means.last.map { keep * $0 + (1 - keep) * square } ?? square) }
    return (squares, means)
  }

  private static func softplus(_ x: Double) -> Double { x > 20 ? x : log1p(exp(x)) }
  private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
  private static func inverseSoftplus(_ y: Double) -> Double { log(exp(y) - 1) }
}
