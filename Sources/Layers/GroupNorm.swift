import Base
import Kernels

/// Mean and variance of each sample over groups of channels, time and space.
///
/// In `instance` each channel is a group, and the default has no scale and shift. In `group` the default has them; where
/// the channels can't be divided, all form one group.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: torch.nn.GroupNorm and InstanceNorm3d (biased variance); SEMANTICS 8
struct GroupNorm: NamedLayer, ChannelwiseNorm {
  static let typeNames = ["group", "instance"]

  let name: String
  let detail: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let groups: Int
  private let eps: Double
  private let weight: Parameter?
  private let bias: Parameter?

  init(_ site: inout Site) throws {
    let isInstance = site.type == "instance"
    guard !(isInstance && site.context.isFlat) else { throw site.flatFailure() }
    name = site.weights.prefix
    let channels = site.inputChannels
    outputChannels = channels
    eps = try site.options.double("eps") ?? 1e-5
    let affine = try site.options.bool("affine") ?? !isInstance
    let asked = isInstance ? channels : try site.options.size("num_groups") ?? 1
    try site.options.finish()
    groups = channels % asked == 0 ? asked : 1
    detail = isInstance ? "instance norm" : "group norm, \(groups) groups"
    weight = affine ? try site.weights.parameter("weight", [channels], start: .constant(1)) : nil
    bias = affine ? try site.weights.parameter("bias", [channels], start: .constant(0)) : nil
    tensors = [weight, bias].compactMap(\.?.stored)
  }

  var quietStart: QuietStart { QuietStart(normWith: weight) }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return input
  }

  func forward(_ input: Features) -> Features { input.scaled(by: factors(statistics(input))) }

  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    let statistics = statistics(input)
    return (
      input.scaled(by: factors(statistics)),
      { gradient in
        var out = gradient
        let sums = input.channelSums(gradient)
        let slopes = slopes(
          totals: sums.totals, products: sums.products, statistics, count: input.shape.time * input.shape.plane, pass)
        for (channel, own) in slopes.enumerated() {
          for time in 0..<input.shape.time {
            Elementwise.combine(
              &out.values, in: input.plane(time: time, channel: channel), scale: Float(own.scale), with: input.values,
              scale: Float(own.slope), center: Float(own.center), shift: Float(own.shift))
          }
        }
        for group in 0..<groups { recentre(&out, group) }
        return out
      }
    )
  }

  func factors(_ moments: MixedScale.Moments) -> [(scale: Float, shift: Float)] { factors(statistics(moments)) }

  func slopes(
    totals: [Double], products: [Double], _ moments: MixedScale.Moments, _ pass: Pass
  ) -> [ChannelSlope] {
    slopes(totals: totals, products: products, statistics(moments), count: moments.count, pass)
  }

  private func factors(_ statistics: [Statistics]) -> [(scale: Float, shift: Float)] {
    (0..<outputChannels).map { channel in
      let own = statistics[channel / (outputChannels / groups)]
      let scale = own.inverse * weight(channel)
      return (Float(scale), Float(Double(bias?.values[channel] ?? 0) - scale * own.mean))
    }
  }

  /// With normed values v, the input's gradient is (w g - mean(w g) - v mean(w g v)) / deviation, means over the group.
  ///
  /// - Parameter count: values of a channel.
  private func slopes(
    totals: [Double], products: [Double], _ statistics: [Statistics], count: Int, _ pass: Pass
  ) -> [ChannelSlope] {
    var slopes: [ChannelSlope] = []
    var scales: [Float] = []
    for (group, own) in statistics.enumerated() {
      let channels = channels(of: group)
      let normed = channels.map { own.inverse * (products[$0] - own.mean * totals[$0]) }
      scales += normed.map { Float($0) }
      let count = Double(channels.count * count)
      let total = channels.reduce(0.0) { $0 + weight($1) * totals[$1] }
      let product = zip(channels, normed).reduce(0.0) { $0 + weight($1.0) * $1.1 }
      slopes += channels.map { channel in
        ChannelSlope(
          scale: own.inverse * weight(channel), slope: -own.inverse * own.inverse * product / count, center: own.mean,
          shift: -own.inverse * total / count)
      }
    }
    pass.add(scales, to: weight)
    pass.add(totals.map { Float($0) }, to: bias)
    return slopes
  }

  private func weight(_ channel: Int) -> Double { Double(weight?.values[channel] ?? 1) }

  /// The gradient of a group adds up to 0: where its values are large, the rounding of a mean does not.
  private func recentre(_ gradient: inout Features, _ group: Int) {
    let planes = channels(of: group).flatMap { channel in
      (0..<gradient.shape.time).map { gradient.plane(time: $0, channel: channel) }
    }
    let count = planes.reduce(0) { $0 + $1.count }
    let mean = planes.reduce(0) { $0 + Reduction.sum(gradient.values, in: $1) } / Double(max(1, count))
    for plane in planes { Elementwise.scaleShift(&gradient.values, in: plane, scale: 1, shift: -Float(mean)) }
  }

  private func channels(of group: Int) -> Range<Int> {
    let size = outputChannels / groups
    return group * size..<(group + 1) * size
  }

  /// Of a group: mean, and one over the standard deviation.
  private typealias Statistics = (mean: Double, inverse: Double)

  private func statistics(_ input: Features) -> [Statistics] {
    let shape = input.shape
    return (0..<groups).map { group in
      let own = channels(of: group)
      let count = Double(shape.time * own.count * shape.plane)
      let parts = (0..<shape.time).map { time -> Range<Int> in
        let start = input.plane(time: time, channel: own.lowerBound).lowerBound
        return start..<start + own.count * shape.plane
      }
      let mean = parts.reduce(0) { $0 + Reduction.sum(input.values, in: $1) } / count
      let variance = parts.reduce(0) { $0 + Reduction.squaredDeviation(input.values, in: $1, from: mean) } / count
      return (mean, 1 / (variance + eps).squareRoot())
    }
  }

  /// From sums in float64, whose difference loses less than the float32 values have lost themselves.
  private func statistics(_ moments: MixedScale.Moments) -> [Statistics] {
    (0..<groups).map { group in
      let own = channels(of: group)
      let count = Double(own.count * moments.count)
      let mean = moments.totals[own].reduce(0, +) / count
      let variance = max(0, moments.squares[own].reduce(0, +) / count - mean * mean)
      return (mean, 1 / (variance + eps).squareRoot())
    }
  }
}
