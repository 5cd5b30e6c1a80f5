import Base
import Kernels

/// Every channel scaled and shifted by encoded behaviour.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: Perez et al. 2018; scale and shift are two linear maps without an identity offset (SEMANTICS 12)
struct FiLMModulator: Modulator {
  static let typeNames = ["film"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let encoder: MultilayerPerceptron
  private let scale: LinearMap
  private let shift: LinearMap

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    let channels = site.inputChannels
    outputChannels = channels
    encoder = try BehaviorEncoder(&site).perceptron
    let code = encoder.outputCount
    let weights = site.weights
    let maps = try ["scale_layer", "shift_layer"].map {
      LinearMap(
        try weights.parameter(
          "\($0).weight", [channels, code], start: .constant($0 == "scale_layer" ? 1 : 0)),
        try weights.parameter("\($0).bias", [channels], start: .constant(0)),
        outputs: channels, inputs: code)
    }
    tensors = encoder.tensors + maps.flatMap(\.tensors)
    scale = maps[0]
    shift = maps[1]
  }

  var detail: String { "film by \(behaviorCount) behaviour columns" }
  var behaviorCount: Int { encoder.inputCount }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    guard input.channels == outputChannels else {
      throw Failure(.mismatch, "\(name): made for \(outputChannels) channels, gets \(input)")
    }
    return input
  }

  func forward(_ batch: FeatureBatch, behavior: [[Float]]) throws -> FeatureBatch {
    try batch.mappingSamples { sample, features in
      let code = encoder(behavior[sample])
      return features.scaled(by: zip(scale(code), shift(code)).map { (scale: $0, shift: $1) })
    }
  }

  func traced(_ batch: FeatureBatch, behavior: [[Float]], _ pass: Pass) throws -> TracedModulation {
    let codes = try encoder.traced(behavior.flatMap { $0 }, pass)
    let scales = scale.traced(codes.output, pass)
    let shifts = shift.traced(codes.output, pass)
    var scaleGradient = [Float](repeating: 0, count: scales.output.count)
    var shiftGradient = scaleGradient
    let channels = outputChannels
    let features = try batch.tracedSamples { sample, features in
      let own = sample * channels..<(sample + 1) * channels
      let factors = zip(scales.output[own], shifts.output[own]).map { (scale: $0, shift: $1) }
      return (
        features.scaled(by: factors),
        { gradient in
          let back = features.scaledPullback(gradient, by: factors)
          scaleGradient.replaceSubrange(own, with: back.scale.map { Float($0) })
          shiftGradient.replaceSubrange(own, with: back.shift.map { Float($0) })
          return back.input
        }
      )
    }
    return (
      features.output,
      { gradient in
        let input = try features.pullback(gradient)
        var code = scales.pullback(scaleGradient)
        Elementwise.add(shifts.pullback(shiftGradient), to: &code, count: code.count)
        return (input, try codes.pullback(code))
      }
    )
  }
}
