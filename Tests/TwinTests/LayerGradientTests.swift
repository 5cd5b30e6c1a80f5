import Base
import Formats
import Foundation
import Layers
import Testing
import Twin

/// Every layer's gradients against central differences of its own forward pass.
@Suite struct LayerGradientTests {
  /// Cases of the zoo that hold a layer of each type, beside the small twins of `LayerGradientCase`.
  private static let zoo = [
    "AffineAdapter": ["syn_affine_da_fixed_vanilla_depthwise", "syn_lt_identity_wn_window"],
    "ConcatModulator": ["learned_dense_concat_convgru_gaussian_history"],
    "ConvGRU": ["syn_convfront_none_gru2_adaptive"],
    "ConvGRUModulator": ["syn_modconvgru"],
    "ConvolutionalFrontend": ["syn_convfront_none_gru2_adaptive"],
    "ConvolutionalNetwork": ["learned_dense_none_convgru_gaussian", "learned_resnet_none_none_gaussian"],
    "DynamicAdaptation": ["syn_affine_da_fixed_vanilla_depthwise", "syn_da_learnable_resnet_stride_post"],
    "FiLMModulator": ["syn_film_enc_residual"],
    "GaussianReadout": ["syn_readout_edges"],
    "LearnableTemporal": ["syn_lt_bias_splitmp_noaa", "syn_lt_identity_wn_window"],
    "LinearReadout": ["syn_history_plainmlp"],
    "TemporalBasis": ["syn_temporal_basis_log_dense_splitgain"],
  ]

  @Test("Every registered layer is tried") func everyRegisteredLayerIsTried() {
    #expect(Set(Self.zoo.keys).union(LayerGradientCase.all.map(\.layer)) == Set(AllLayers.registered))
  }

  @Test("Gradients of a layer agree with differences", arguments: LayerGradientCase.all)
  func gradientsOfALayerAgreeWithDifferences(_ layer: LayerGradientCase) throws {
    let tiny = layer.twin()
    var generator = MersenneTwister(seed: 5)
    let stimulus = Tensor(
      shape: [3, LayerGradientCase.channels, 3, 5, 4],
      values: (0..<720).map { _ in
        let value = generator.normal()
        // Away from the corners and jumps of activations, which lie at multiples of a half.
        return Float(layer.isActivation ? (value * 4).rounded() / 4 + 0.1 : value)
      })
    let counts = Tensor(shape: [3, 2], values: [0, 1, 2, 0, 3, 1])
    let objective = GradientCase.poisson(counts, isLogRate: true)
    let architecture = try tiny.architecture()
    let store = try ParameterStore(tiny.source())
    for mode in layer.modes {
      func result(_ store: ParameterStore, _ stimulus: Tensor) throws -> TwinGradients {
        try TrainableTwin(architecture: architecture, source: store).gradients(
          .init(stimulus: stimulus), head: 0, mode: mode, objective: objective)
      }
      let own = try result(store, stimulus)
      #expect(!own.parameters.names.isEmpty)
      for name in own.parameters.names {
        let gradient = try #require(own.parameters[name])
        try expectAgreement(gradient, name) { step, direction in
          var moved = store
          try moved.set(name, to: store.tensor(name).moved(step, along: direction))
          return try result(moved, stimulus).loss
        }
      }
      try expectAgreement(try #require(own.stimulus), "stimulus") { step, direction in
        try result(store, stimulus.moved(step, along: direction)).loss
      }
    }
  }

  @Test(
    "Gradients of a twin agree with differences",
    arguments: Self.zoo.keys.sorted().flatMap { layer in (Self.zoo[layer] ?? []).map { [layer, $0] } })
  func gradientsOfATwinAgreeWithDifferences(_ names: [String]) throws {
    let zoo = GradientCase(zoo: ZooCase(names[1]))
    let architecture = try zoo.zoo.architecture()
    let store = try ParameterStore(zoo.zoo.checkpoint())
    func result(_ store: ParameterStore) throws -> TwinGradients {
      try zoo.gradients(TrainableTwin(architecture: architecture, source: store, heads: [0]), mode: .eval)
    }
    let own = try result(store)
    // All parameters at once: each by the reference's numbers is another test.
    let length = own.parameters.names.reduce(0.0) { $0 + (own.parameters[$1]?.squareSum ?? 0) }.squareRoot()
    func loss(_ step: Double) throws -> Double {
      var moved = store
      for name in own.parameters.names {
        guard let gradient = own.parameters[name] else { continue }
        try moved.set(name, to: store.tensor(name).moved(step / length, along: gradient))
      }
      return try result(moved).loss
    }
    let step = 2e-4 * max(1, own.loss.magnitude) / max(1, length)
    let difference = (try loss(step) - loss(-step)) / (2 * step)
    // Along the gradient itself the loss rises by its length; corners of relu and max lie within a step.
    #expect(abs(difference / length - 1) < 0.02)
  }

  /// Along the gradient, the loss rises by its length; along another direction, by their product.
  private func expectAgreement(
    _ gradient: Tensor, _ name: String, _ loss: (_ step: Double, _ direction: Tensor) throws -> Double
  ) throws {
    var generator = MersenneTwister(seed: 9)
    let other = Tensor(shape: gradient.shape, values: gradient.values.map { _ in Float(generator.normal()) })
    for direction in [gradient, other] {
      let length = direction.squareSum.squareRoot()
      guard length > 1e-5 else { continue }
      let product = zip(gradient.values, direction.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / length
      let step = 3e-3
      let difference = (try loss(step / length, direction) - loss(-step / length, direction)) / (2 * step)
      // Float32 outputs give 1e-7 / 3e-3; few values cross a corner within so short a step.
      #expect(abs(difference - product) < 2e-2 * gradient.squareSum.squareRoot() + 2e-4, "\(name)")
    }
  }
}

extension Tensor {
  fileprivate var squareSum: Double { values.reduce(0.0) { $0 + Double($1) * Double($1) } }

  fileprivate func moved(_ step: Double, along direction: Tensor) -> Tensor {
    Tensor(shape: shape, values: zip(values, direction.values).map { Float(Double($0) + step * Double($1)) })
  }
}
