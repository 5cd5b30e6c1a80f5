import Base
import Kernels

/// Mean and variance of each sample over groups of channels, time and space.
///
/// `instance` has one channel a group and is affine only if asked; `group` is affine unless told otherwise and falls
/// back to one group where the channels can't be divided.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: torch.nn.GroupNorm and InstanceNorm3d (biased variance); SEMANTICS 8
struct GroupNorm: NamedLayer, SampleLayer {
  static let typeNames = ["group", "instance"]

  let name: String
  let detail: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let groups: Int
  private let eps: Double
  private let weight: [Float]?
  private let bias: [Float]?

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
    let scale = affine ? try site.weights.parameter("weight", [channels]) : nil
    let shift = affine ? try site.weights.parameter("bias", [channels]) : nil
    tensors = [scale, shift].compactMap(\.?.stored)
    weight = scale?.values
    bias = shift?.values
  }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return input
  }

  func forward(_ input: Features) -> Features {
    var out = input
    let shape = input.shape
    let size = shape.channels / groups
    let count = Double(shape.time * size * shape.plane)
    for group in 0..<groups {
      let parts = (0..<shape.time).map { time -> Range<Int> in
        let start = input.plane(time: time, channel: group * size).lowerBound
        return start..<start + size * shape.plane
      }
      let mean = parts.reduce(0) { $0 + Reduction.sum(input.values, in: $1) } / count
      let variance = parts.reduce(0) { $0 + Reduction.squaredDeviation(input.values, in: $1, from: mean) } / count
      let inverse = 1 / (variance + eps).squareRoot()
      for channel in group * size..<(group + 1) * size {
        let scale = inverse * Double(weight?[channel] ?? 1)
        let shift = Double(bias?[channel] ?? 0) - scale * mean
        for time in 0..<shape.time {
          Elementwise.scaleShift(
            &out.values, in: input.plane(time: time, channel: channel), scale: Float(scale), shift: Float(shift))
        }
      }
    }
    return out
  }
}
