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
  private let scale: (weight: [Float], bias: [Float])
  private let shift: (weight: [Float], bias: [Float])

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    let channels = site.inputChannels
    outputChannels = channels
    encoder = try BehaviorEncoder(&site).perceptron
    let code = encoder.outputCount
    let weights = site.weights
    let maps = try ["scale_layer", "shift_layer"].map {
      (
        weight: try weights.parameter("\($0).weight", [channels, code]),
        bias: try weights.parameter("\($0).bias", [channels])
      )
    }
    tensors = encoder.tensors + maps.flatMap { [$0.weight.stored, $0.bias.stored] }
    scale = (maps[0].weight.values, maps[0].bias.values)
    shift = (maps[1].weight.values, maps[1].bias.values)
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
      func linear(_ map: (weight: [Float], bias: [Float])) -> [Float] {
        var out = map.bias
        BLAS.sgemv(rows: outputChannels, columns: code.count, a: map.weight, x: code, beta: 1, y: &out)
        return out
      }
      return features.scaled(by: zip(linear(scale), linear(shift)).map { (scale: $0, shift: $1) })
    }
  }
}
