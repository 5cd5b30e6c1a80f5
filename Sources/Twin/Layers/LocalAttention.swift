import Base
import Kernels

/// Features gated by a mix of neighbouring channels and by a filter over space.
///
/// The channel gate sees sequences of length one, so only the centre tap of its kernel acts: channels mix within
/// `channels / chan_window` groups (rounded down), of `chan_window` channels where that divides. The spatial gate reads `[channel, time]` planes in flat order as if they were
/// `[time, channel]`: flat input plane f = channel time_count + t meets filter f mod channels, and the gate of
/// (channel, t) comes from flat position t channels + channel. Reproduced as the models were trained.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: SEMANTICS 10
struct LocalAttention: NamedLayer, SampleLayer {
  static let typeNames = ["locatt"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let window: Int
  /// Channels that mix with each other: all of a group's.
  private let members: Int
  private let size: Int
  private let mixing: (weight: [Float], bias: [Float])
  /// One filter a channel; nil while not loaded.
  private let spatial: Convolution?

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    let channels = try site.options.required("channels", try site.options.size("channels"))
    outputChannels = channels
    window = try site.options.size("chan_window") ?? 3
    size = try site.options.size("spatial_kernel") ?? 3
    try site.options.finish()
    let groups = channels / window
    guard window % 2 == 1, groups > 0, channels % groups == 0 else {
      throw Failure(
        .unsupported,
        "\(site.options.path("chan_window")): \(window) must be odd, and \(channels) channels must fall into \(groups) groups"
      )
    }
    members = channels / groups
    guard size % 2 == 1 else {
      throw Failure(.unsupported, "\(site.options.path("spatial_kernel")): \(size) must be odd")
    }
    var mix = try site.weights.parameter("chan_conv1d.weight", [channels, members, window])
    if window > 1 {
      mix.stored.silentTaps = SilentTaps(
        count: window - 1, of: window, why: "meet padding only: one position a sequence")
    }
    let mixBias = try site.weights.parameter("chan_conv1d.bias", [channels])
    let filter = try site.weights.parameter("spatial_conv2d.weight", [channels, 1, size, size])
    let filterBias = try site.weights.parameter("spatial_conv2d.bias", [channels])
    tensors = [mix, mixBias, filter, filterBias].map(\.stored)
    mixing = (mix.values, mixBias.values)
    let axis = Convolution.Axis(kernel: size, low: size / 2, high: size / 2)
    spatial =
      site.weights.loads
      ? Convolution(
        weight: filter.values, bias: filterBias.values, outChannels: channels, inChannels: channels, groups: channels,
        time: .init(kernel: 1), height: axis, width: axis, backend: site.weights.backend) : nil
  }

  var detail: String { "local attention, \(window) channels, \(size)x\(size)" }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return input
  }

  func forward(_ input: Features) -> Features {
    var out = input
    for gate in [channelGate(input), spatialGate(input)] {
      Elementwise.multiply(gate, to: &out.values, count: out.values.count)
    }
    return out
  }

  private func channelGate(_ input: Features) -> [Float] {
    let shape = input.shape
    var gate = [Float](repeating: 0, count: shape.count)
    for time in 0..<shape.time {
      for channel in 0..<shape.channels {
        let target = input.plane(time: time, channel: channel)
        Elementwise.scaleShift(&gate, in: target, scale: 0, shift: mixing.bias[channel])
        for member in 0..<members {
          let weight = mixing.weight[(channel * members + member) * window + window / 2]
          let source = input.plane(time: time, channel: channel / members * members + member).lowerBound
          for index in 0..<shape.plane { gate[target.lowerBound + index] += weight * input.values[source + index] }
        }
      }
    }
    ElementFunction.sigmoid.apply(to: &gate)
    return gate
  }

  private func spatialGate(_ input: Features) -> [Float] {
    guard let spatial else { preconditionFailure("\(name) is not loaded") }
    let shape = input.shape
    // Flat positions as [time, channel]: position p holds the gate of time p / channels, channel p mod channels.
    var gate = spatial(input.channelsFirst, time: shape.time, height: shape.height, width: shape.width)
    ElementFunction.sigmoid.apply(to: &gate)
    return gate
  }
}
