import Base
import Formats
import Foundation
import Kernels

/// A norm whose scale and shift of each channel follow from the stimulus: from its mean, contrast and temporal frequency in
/// the sample's window, through a small network.
///
/// `stimcond_rms`, or `stimcond` with `base: rms`; the base is `none`, `rms` or `instance`, without scale and shift of its
/// own. An untrained one starts as its base.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: TRAINING 11: o = W2 silu(W1 phi + b1) + b2; base(x) (1 + o[:C]) + o[C:]
package struct StimulusConditionedNorm: NamedLayer {
  package static let typeNames = ["stimcond", "stimcond_none", "stimcond_rms", "stimcond_instance"]

  package let name: String
  package let detail: String
  package let outputChannels: Int
  package let tensors: [StoredTensor]
  private let base: any SampleLayer
  private let first: LinearMap
  private let second: LinearMap

  private static let bases = ["none", "rms", "instance"]
  private static let hiddenUnits = 8

  package init(_ site: inout Site) throws {
    name = site.weights.prefix
    let channels = site.inputChannels
    outputChannels = channels
    let named = site.type == "stimcond" ? nil : String(site.type.dropFirst("stimcond_".count))
    let written = try site.options.string("base")
    if let written, !Self.bases.contains(written) {
      throw site.options.unknown("base", "base of a stimulus-conditioned norm", written, among: Self.bases)
    }
    if let written, let named, written != named {
      throw Failure(.unsupported, "\(site.options.path("base")): `\(written)`, but the norm's type is `\(site.type)`")
    }
    let type = written ?? named ?? "none"
    let hidden = try site.options.size("hidden") ?? Self.hiddenUnits
    if type == "none" {
      base = Identity(name: name, outputChannels: channels)
    } else {
      let plain = ConfigNode.map([.init("affine", .bool(false))])
      var part = Site(
        type: type, options: try Section(plain, path: site.options.path), weights: site.weights,
        inputChannels: channels, context: site.context)
      part.context.isFlat = false
      base = try site.context.factory.sampleLayer(.norm, &part, named: site.options.path("base"))
    }
    try site.options.finish()
    detail = "stimulus-conditioned norm\(type == "none" ? "" : " on \(base.detail)"), \(hidden) hidden units"
    let inputs = WindowStatistics.count
    let weights = site.weights
    let w1 = try weights.parameter("W1", [hidden, inputs], start: .uniform(fanIn: inputs))
    let b1 = try weights.parameter("b1", [hidden], start: .uniform(fanIn: inputs))
    let w2 = try weights.parameter("W2", [2 * channels, hidden], start: .constant(0))
    let b2 = try weights.parameter("b2", [2 * channels], start: .constant(0))
    first = LinearMap(w1, b1, outputs: hidden, inputs: inputs)
    second = LinearMap(w2, b2, outputs: 2 * channels, inputs: hidden)
    tensors = [w1, b1, w2, b2].map(\.stored)
  }

  package var quietStart: QuietStart {
    base is Identity ? QuietStart(passing: .all) : QuietStart(.never)
  }

  package func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return try base.outputShape(for: input)
  }

  package func forward(_ batch: FeatureBatch) throws -> FeatureBatch {
    let statistics = statistics(batch)
    return try batch.mappingSamples { sample, features in
      let hidden = first(statistics[sample].map { Float($0) }).map { Self.silu($0).value }
      return base.forward(features).scaled(by: factors(second(hidden)))
    }
  }

  package func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch {
    let statistics = statistics(batch)
    return try batch.tracedSamples { sample, features in
      let inner = first.traced(statistics[sample].map { Float($0) }, pass)
      let activated = inner.output.map(Self.silu)
      let outer = second.traced(activated.map(\.value), pass)
      let factors = factors(outer.output)
      let (normed, pullback) = base.traced(features, pass)
      return (
        normed.scaled(by: factors),
        { gradient in
          let (back, scales, shifts) = normed.scaledPullback(gradient, by: factors)
          let hidden = outer.pullback((scales + shifts).map { Float($0) })
          let slope = inner.pullback(zip(hidden, activated).map { $0 * $1.slope })
          pass.addStatistics(slope.map { Double($0) }, sample: sample)
          return try pullback(back)
        }
      )
    }
  }

  private func statistics(_ batch: FeatureBatch) -> [[Double]] {
    guard let statistics = batch.statistics else { preconditionFailure("\(name): no statistics of the stimulus") }
    return statistics.values
  }

  private func factors(_ output: [Float]) -> [(scale: Float, shift: Float)] {
    (0..<outputChannels).map { (1 + output[$0], output[outputChannels + $0]) }
  }

  private static func silu(_ x: Float) -> (value: Float, slope: Float) {
    let sigmoid = 1 / (1 + exp(-Double(x)))
    return (Float(Double(x) * sigmoid), Float(sigmoid * (1 + Double(x) * (1 - sigmoid))))
  }
}
