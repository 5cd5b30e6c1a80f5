import Base
import Foundation
import Kernels

/// A learned mixture of norms: the sum of their outputs, weighed by a softmax over the norms, shared by all channels or, with
/// `per_channel`, for each of them.
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

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return try parts.reduce(input) { try $1.outputShape(for: $0) }
  }

  /// Norms that are a scale and shift of each channel are one such map together.
  func forward(_ input: Features) -> Features {
    var scales = [Double](repeating: 0, count: outputChannels)
    var shifts = scales
    for (part, shares) in zip(parts, shares) {
      guard let factors = Self.factors(part, input) else { continue }
      for channel in 0..<outputChannels {
        scales[channel] += shares[channel] * Double(factors[channel].scale)
        shifts[channel] += shares[channel] * Double(factors[channel].shift)
      }
    }
    var out = input.scaled(by: zip(scales, shifts).map { (Float($0), Float($1)) })
    for (part, shares) in zip(parts, shares) where !Self.isChannelwise(part) {
      Self.add(part.forward(input), to: &out, shares)
    }
    return out
  }

  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    let traced = parts.map { $0.traced(input, pass) }
    var out = Features(zerosLike: input.shape)
    for (part, shares) in zip(traced, shares) { Self.add(part.output, to: &out, shares) }
    return (
      out,
      { gradient in
        var result = Features(zerosLike: input.shape)
        var products: [[Double]] = []
        for (part, shares) in zip(traced, shares) {
          products.append(part.output.channelSums(gradient).products)
          let own = try part.pullback(gradient.scaled(by: shares.map { (scale: Float($0), shift: 0) }))
          result = result.adding(own)
        }
        pass.add(slopes(products), to: theta)
        return result
      }
    )
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

  private static func isChannelwise(_ part: any SampleLayer) -> Bool { part is Identity || part is any ChannelwiseNorm }

  private static func factors(_ part: any SampleLayer, _ input: Features) -> [(scale: Float, shift: Float)]? {
    if part is Identity { return [(scale: Float, shift: Float)](repeating: (1, 0), count: input.shape.channels) }
    return (part as? any ChannelwiseNorm)?.factors(input)
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
