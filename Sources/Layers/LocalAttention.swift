import Base
import Kernels

/// Features gated by a mix of neighbouring channels and by a filter over space.
///
/// The channel gate sees sequences of length one, so only the centre tap of its kernel acts: channels mix within
/// `channels / chan_window` groups (rounded down), of `chan_window` channels where that divides. The spatial gate reads
/// `[channel, time]` planes in flat order as if they were `[time, channel]`: flat input plane f = channel time_count + t
/// meets filter f mod channels, and the gate of (channel, t) comes from flat position t channels + channel. VisionCore
/// trains models so, therefore vcsh does the same.
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
  /// Weights and bias of the channel gate, then of the spatial one.
  private let parameters: [Parameter]
  /// By the centre taps; nil while not loaded.
  private let mixing: ChannelMixing?
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
    var mix = try site.weights.parameter(
      "chan_conv1d.weight", [channels, members, window], start: .uniform(fanIn: members * window))
    if window > 1 {
      mix.stored.silentTaps = SilentTaps(
        count: window - 1, of: window, why: "meet padding only: one position a sequence")
    }
    let mixBias = try site.weights.parameter("chan_conv1d.bias", [channels], start: .uniform(fanIn: members * window))
    let filter = try site.weights.parameter(
      "spatial_conv2d.weight", [channels, 1, size, size], start: .uniform(fanIn: size * size))
    let filterBias = try site.weights.parameter("spatial_conv2d.bias", [channels], start: .uniform(fanIn: size * size))
    parameters = [mix, mixBias, filter, filterBias]
    tensors = parameters.map(\.stored)
    let window = window
    mixing =
      site.weights.loads
      ? ChannelMixing(
        weights: (0..<channels * members).map { mix.values[$0 * window + window / 2] }, bias: mixBias.values,
        members: members) : nil
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
    let (first, second) = gates(input)
    var out = input
    for gate in [first, second] {
      var gate = gate
      ElementFunction.sigmoid.apply(to: &gate)
      Elementwise.multiply(gate, to: &out.values, count: out.values.count)
    }
    return out
  }

  /// With out = x s(a) s(b): each factor gets the gradient times the other two; a and b lead back to x.
  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    (
      forward(input),
      { gradient in
        guard let mixing, let spatial else { preconditionFailure("\(name) is not loaded") }
        let shape = input.shape
        let (first, second) = gates(input)
        let (a, b) = (ElementFunction.sigmoid(first), ElementFunction.sigmoid(second))
        func product(_ factors: [[Float]]) -> [Float] {
          var out = gradient.values
          for factor in factors { Elementwise.multiply(factor, to: &out, count: out.count) }
          return out
        }
        var channel = product([input.values, b])
        ElementFunction.sigmoid.pullback(at: first, &channel)
        let mixed = mixing.pullback(channel, values: input.values, positions: shape.plane)
        var space = product([input.values, a])
        ElementFunction.sigmoid.pullback(at: second, &space)
        let filtered = spatial.pullback(
          space, input: input.channelsFirst, height: shape.height, width: shape.width,
          plan: spatial.fullPlan(frames: shape.time))
        var taps = [Float](repeating: 0, count: parameters[0].stored.count)
        for (index, value) in mixed.weights.enumerated() { taps[index * window + window / 2] = value }
        for (parameter, values) in zip(parameters, [taps, mixed.bias, filtered.weight, filtered.bias]) {
          pass.add(values, to: parameter)
        }
        return Features(shape, product([a, b])).adding(Features(shape, mixed.values))
          .adding(Features(channelsFirst: filtered.input[...], shape: shape))
      }
    )
  }

  /// Both gates before their sigmoids, laid out as the input.
  ///
  /// The spatial one is filtered in the order `[channel, time]` and read as `[time, channel]`: position p holds the gate
  /// of time p / channels, channel p mod channels.
  private func gates(_ input: Features) -> (channel: [Float], spatial: [Float]) {
    guard let mixing, let spatial else { preconditionFailure("\(name) is not loaded") }
    let shape = input.shape
    return (
      mixing(input.values, positions: shape.plane),
      spatial(input.channelsFirst, time: shape.time, height: shape.height, width: shape.width)
    )
  }
}
