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

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return input
  }

  func factors(_ input: Features) -> [(scale: Float, shift: Float)] {
    (0..<groups).flatMap { group in
      let (mean, inverse) = statistics(input, group)
      return channels(of: group).map { channel in
        let scale = inverse * Double(weight?.values[channel] ?? 1)
        return (Float(scale), Float(Double(bias?.values[channel] ?? 0) - scale * mean))
      }
    }
  }

  /// With normed values v, the input's gradient is (w g - mean(w g) - v mean(w g v)) / deviation, means over the group.
  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    (
      forward(input),
      { gradient in
        var out = gradient
        let sums = input.channelSums(gradient)
        var scales = [Float](repeating: 0, count: outputChannels)
        for group in 0..<groups {
          let (mean, inverse) = statistics(input, group)
          var total = 0.0
          var product = 0.0
          for channel in channels(of: group) {
            let own = inverse * (sums.products[channel] - mean * sums.totals[channel])
            scales[channel] = Float(own)
            total += Double(weight?.values[channel] ?? 1) * sums.totals[channel]
            product += Double(weight?.values[channel] ?? 1) * own
          }
          let count = Double(channels(of: group).count * input.shape.time * input.shape.plane)
          for channel in channels(of: group) {
            for time in 0..<input.shape.time {
              Elementwise.combine(
                &out.values, in: input.plane(time: time, channel: channel),
                scale: Float(inverse * Double(weight?.values[channel] ?? 1)), with: input.values,
                scale: Float(-inverse * inverse * product / count), center: Float(mean),
                shift: Float(-inverse * total / count))
            }
          }
          recentre(&out, group)
        }
        pass.add(scales, to: weight)
        pass.add(sums.totals.map { Float($0) }, to: bias)
        return out
      }
    )
  }

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

  /// Mean, and one over the standard deviation.
  private func statistics(_ input: Features, _ group: Int) -> (mean: Double, inverse: Double) {
    let shape = input.shape
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
