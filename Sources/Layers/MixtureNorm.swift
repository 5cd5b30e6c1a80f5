import Base
import Foundation
import Kernels

/// A learned mixture of norms: the sum of their outputs, weighed by a softmax over the norms, shared by all channels or, with
/// `per_channel`, for each of them.
///
/// Norms that scale and shift channels are one such map together, and an rms over channels joins it with a factor for each
/// position. What they all need takes one pass over the values, their outputs together one more. Other norms run by themselves.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: TRAINING 11: sum_k softmax(theta)_k N_k(x); `theta` `[norm]`, `theta_c` `[norm, channel]`
struct MixtureNorm: NamedLayer, SampleLayer {
  static let typeNames = ["mixture", "mixture_perchannel"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let bank: [String]
  private let parts: [any SampleLayer]
  /// The parts by how they run; each with its place in the bank.
  private let channelwise: [(norm: Int, layer: any ChannelwiseNorm)]
  private let positionwise: (norm: Int, layer: RMSNorm)?
  private let others: [(norm: Int, layer: any SampleLayer)]
  private let isPerChannel: Bool
  private let theta: Parameter
  /// Softmax, `[norm][channel]`; empty while only the architecture is built.
  private let shares: [[Double]]

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    let channels = site.inputChannels
    outputChannels = channels
    let isNamed = site.type == "mixture_perchannel"
    let written = try site.options.bool("per_channel")
    guard !isNamed || written != false else {
      throw Failure(
        .unsupported, "\(site.options.path("per_channel")): false, but the norm's type is `mixture_perchannel`")
    }
    let isPerChannel = isNamed || written ?? false
    self.isPerChannel = isPerChannel
    bank = try site.options.strings("bank") ?? ["none", "instance", "grn", "rms"]
    guard bank.count >= 2 else {
      throw Failure(.unsupported, "\(site.options.path("bank")): a mixture has at least two norms")
    }
    parts = try NormParts(bank, &site, at: site.options.path("bank")).layers
    var channelwise: [(norm: Int, layer: any ChannelwiseNorm)] = []
    var positionwise: (norm: Int, layer: RMSNorm)?
    var others: [(norm: Int, layer: any SampleLayer)] = []
    for (norm, layer) in parts.enumerated() {
      if let layer = layer as? any ChannelwiseNorm {
        channelwise.append((norm, layer))
      } else if let layer = layer as? RMSNorm, layer.isOverChannels {
        positionwise = (norm, layer)
      } else {
        others.append((norm, layer))
      }
    }
    (self.channelwise, self.positionwise, self.others) = (channelwise, positionwise, others)
    try site.options.finish()
    // Near the identity, where the bank has it.
    let starts = bank.flatMap { [Float](repeating: $0 == "none" ? 2 : 0, count: isPerChannel ? channels : 1) }
    theta = try site.weights.parameter(
      isPerChannel ? "theta_c" : "theta", isPerChannel ? [bank.count, channels] : [bank.count], start: .values(starts))
    tensors = [theta.stored] + parts.flatMap(\.tensors)
    let values = theta.values
    shares = values.isEmpty ? [] : Self.softmax(values, norms: bank.count, channels: channels)
  }

  var detail: String { "mixture of norms\(isPerChannel ? " per channel" : ""): " + bank.joined(separator: ", ") }

  var reach: Reach { parts.contains { $0.reach != .frame } ? .sample : .frame }

  var quietStart: QuietStart {
    let followInput = parts.allSatisfy { if case .smallInput = $0.quietStart.silence { true } else { false } }
    return QuietStart(followInput ? .smallInput : .never)
  }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return try parts.reduce(input) { try $1.outputShape(for: $0) }
  }

  func forward(_ input: Features) -> Features {
    let scale = scale(input)
    return output(input, scale, factors(scale), others.map { $0.layer.forward(input) })
  }

  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    let scale = scale(input)
    let factors = factors(scale)
    let traced = others.map { $0.layer.traced(input, pass) }
    return (
      output(input, scale, factors, traced.map(\.output)),
      { gradient in
        var products = [[Double]](repeating: [], count: bank.count)
        var result = together(input, gradient, scale, factors, &products, pass)
        for ((norm, _), part) in zip(others, traced) {
          products[norm] = part.output.channelSums(gradient).products
          let own = try part.pullback(gradient.scaled(by: shares[norm].map { (scale: Float($0), shift: 0) }))
          result = result.adding(own)
        }
        pass.add(slopes(products), to: theta)
        return result
      }
    )
  }

  private func scale(_ input: Features) -> MixedScale {
    MixedScale(
      input.values, channels: outputChannels, positions: input.shape.plane, eps: positionwise?.layer.eps ?? 1)
  }

  /// Scales and shifts of the channelwise norms.
  private func factors(_ scale: MixedScale) -> [[(scale: Float, shift: Float)]] {
    channelwise.map { $0.layer.factors(scale.moments) }
  }

  private func output(
    _ input: Features, _ scale: MixedScale, _ factors: [[(scale: Float, shift: Float)]], _ parts: [Features]
  ) -> Features {
    var sum = [(scale: Double, mixed: Double, shift: Double)](repeating: (0, 0, 0), count: outputChannels)
    for (norm, factors) in zip(channelwise.map(\.norm), factors) {
      for (channel, factor) in factors.enumerated() {
        sum[channel].scale += shares[norm][channel] * Double(factor.scale)
        sum[channel].shift += shares[norm][channel] * Double(factor.shift)
      }
    }
    if let (norm, layer) = positionwise {
      for (channel, factor) in layer.factors.enumerated() {
        sum[channel].mixed += shares[norm][channel] * Double(factor.scale)
        sum[channel].shift += shares[norm][channel] * Double(factor.shift)
      }
    }
    var out = Features(
      input.shape,
      scale(
        scales: sum.map { Float($0.scale) }, mixed: sum.map { Float($0.mixed) }, shifts: sum.map { Float($0.shift) }))
    for ((norm, _), part) in zip(others, parts) { Self.add(part, to: &out, shares[norm]) }
    return out
  }

  /// The way back of the norms that are one map.
  ///
  /// - Parameter products: receives, for each of them, the sums of gradient times output.
  private func together(
    _ input: Features, _ gradient: Features, _ scale: MixedScale, _ factors: [[(scale: Float, shift: Float)]],
    _ products: inout [[Double]], _ pass: Pass
  ) -> Features {
    var weights = [Float](repeating: 0, count: outputChannels)
    if let (norm, layer) = positionwise {
      weights = zip(shares[norm], layer.factors).map { Float($0 * Double($1.scale)) }
    }
    let sums = scale.sums(gradient.values, weights: weights)
    if let (norm, layer) = positionwise {
      products[norm] = layer.factors.enumerated().map {
        Double($1.scale) * sums.mixed[$0] + Double($1.shift) * sums.totals[$0]
      }
      layer.add(
        scales: zip(shares[norm], sums.mixed).map(*), shifts: zip(shares[norm], sums.totals).map(*), to: pass)
    }
    var slopes = [ChannelSlope](repeating: ChannelSlope(scale: 0), count: outputChannels)
    for ((norm, layer), factors) in zip(channelwise, factors) {
      products[norm] = factors.enumerated().map {
        Double($1.scale) * sums.products[$0] + Double($1.shift) * sums.totals[$0]
      }
      let own = layer.slopes(
        totals: zip(shares[norm], sums.totals).map(*), products: zip(shares[norm], sums.products).map(*), scale.moments,
        pass)
      for (channel, slope) in own.enumerated() {
        slopes[channel].scale += shares[norm][channel] * slope.scale
        slopes[channel].slope += slope.slope
        slopes[channel].shift += slope.shift - slope.slope * slope.center
      }
    }
    return Features(
      input.shape,
      scale.pullback(
        gradient.values, sums, scales: slopes.map { Float($0.scale) }, mixed: weights,
        slopes: slopes.map { Float($0.slope) }, shifts: slopes.map { Float($0.shift) }))
  }

  /// Of theta: w_k (d_k - sum_j w_j d_j), with d the gradient of the shares.
  private func slopes(_ products: [[Double]]) -> [Float] {
    var slopes = products
    for channel in 0..<outputChannels {
      let mean = products.indices.reduce(0.0) { $0 + shares[$1][channel] * products[$1][channel] }
      for norm in products.indices { slopes[norm][channel] = shares[norm][channel] * (products[norm][channel] - mean) }
    }
    return isPerChannel ? slopes.joined().map { Float($0) } : slopes.map { Float($0.reduce(0, +)) }
  }

  private static func add(_ values: Features, to out: inout Features, _ shares: [Double]) {
    for time in 0..<values.shape.time {
      for (channel, share) in shares.enumerated() {
        Elementwise.combine(
          &out.values, in: values.plane(time: time, channel: channel), scale: 1, with: values.values,
          scale: Float(share), center: 0, shift: 0)
      }
    }
  }

  /// `[norm][channel]` of values `[norm]` or `[norm, channel]`.
  private static func softmax(_ values: [Float], norms: Int, channels: Int) -> [[Double]] {
    let isShared = values.count == norms
    var shares = [[Double]](repeating: [Double](repeating: 0, count: channels), count: norms)
    for channel in 0..<channels {
      let own = (0..<norms).map { Double(values[isShared ? $0 : $0 * channels + channel]) }
      let largest = own.max() ?? 0
      let powers = own.map { exp($0 - largest) }
      let sum = powers.reduce(0, +)
      for norm in 0..<norms { shares[norm][channel] = powers[norm] / sum }
    }
    return shares
  }
}
