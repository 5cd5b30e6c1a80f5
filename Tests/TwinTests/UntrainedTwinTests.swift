import Base
import Formats
import Foundation
import TestSupport
import Testing
import Twin

@Suite("Untrained twins")
struct UntrainedTwinTests {
  @Test("Names, order, shapes and element types are those of VisionCore's checkpoints", arguments: ZooCase.withNumbers)
  func layout(_ zoo: ZooCase) throws {
    let stored = try zoo.checkpoint()
    let twin = try UntrainedTwin(configuration: zoo.configuration(), heads: zoo.heads(), seed: 1)
    #expect(twin.tensors.map(\.name) == stored.arrayNames)
    for tensor in twin.tensors {
      let info = try #require(stored.info(tensor.name))
      #expect(tensor.shape == info.shape, "\(tensor.name)")
      if case .int64 = tensor.values { #expect(info.scalar == .int64) } else { #expect(info.scalar.isFloatingPoint) }
    }
  }

  private func values(_ array: NamedArray) -> [Float] {
    switch array.values {
    case .float32(let values): values
    case .int64(let values): values.map { Float($0) }
    default: []
    }
  }

  private func tensors(_ twin: UntrainedTwin) -> [String: [Float]] {
    Dictionary(uniqueKeysWithValues: twin.tensors.map { ($0.name, values($0)) })
  }

  private func moments(_ values: [Float]) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
    let square = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)
    return (mean, square.squareRoot())
  }

  /// Mean within 5 standard errors, bounds exact, standard deviation that of a uniform distribution.
  private func isUniform(_ values: [Float], bound: Double) -> Bool {
    let (mean, deviation) = moments(values)
    let expected = bound / 3.0.squareRoot()
    let count = Double(values.count).squareRoot()
    return values.allSatisfy { abs(Double($0)) <= bound * 1.000001 } && abs(mean) <= 5 * expected / count
      && abs(deviation - expected) <= 5 * expected / count
  }

  private func history() throws -> [String: [Float]] {
    let zoo = ZooCase("learned_dense_concat_convgru_gaussian_history")
    return try tensors(UntrainedTwin(configuration: zoo.configuration(), heads: zoo.heads(), seed: 3))
  }

  @Test("Convolutions and linear maps are uniform within 1 / sqrt(fan-in); weight norm starts from the same values")
  func uniform() throws {
    let all = try history()
    let block = "convnet.layers.0.components.conv.conv.parametrizations.weight"
    let weight = try #require(all["\(block).original"])
    #expect(isUniform(weight, bound: 1 / Double(8 * 3 * 9 * 9).squareRoot()))
    #expect(all["\(block).0.v"] == weight)
    #expect(try #require(all["\(block).0.g"]).allSatisfy { $0 == 1 })
    #expect(isUniform(try #require(all["modulator.encoder.mlp.0.linear.weight"]), bound: 1 / 42.0.squareRoot()))
    #expect(isUniform(try #require(all["modulator.encoder.mlp.0.linear.bias"]), bound: 1 / 42.0.squareRoot()))
    #expect(isUniform(try #require(all["frontend.temporal_conv.conv.bias"]), bound: 1 / 16.0.squareRoot()))
    #expect(isUniform(try #require(all["readouts.0.features.weight"]), bound: 1 / 12.0.squareRoot()))
    let direction = try #require(all["spike_history.0.mlp.0.linear.weight_u"])
    #expect(abs(direction.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
  }

  @Test("Where the norm is learned, it starts as the length of each filter")
  func lengths() throws {
    let zoo = ZooCase("syn_affine_da_fixed_vanilla_depthwise")
    let twin = try UntrainedTwin(configuration: zoo.configuration(), heads: zoo.heads(), seed: 3)
    let all = tensors(twin)
    let norms = twin.tensors.filter { $0.name.hasSuffix("pointwise.parametrizations.weight.0.g") }
    #expect(norms.count == 1)
    for norm in norms {
      let weight = try #require(all[norm.name.replacing("0.g", with: "original")])
      let size = weight.count / norm.shape[0]
      for (row, length) in values(norm).enumerated() {
        let square = weight[row * size..<(row + 1) * size].reduce(0) { $0 + $1 * $1 }
        #expect(abs(length - square.squareRoot()) < 1e-5)
      }
    }
  }

  @Test("Gates of a ConvGRU have orthonormal rows, and the update gate starts half open")
  func gates() throws {
    let all = try history()
    let weight = try #require(all["recurrent.cells.0.reset_gate.weight"])
    let size = weight.count / 12
    for a in 0..<12 {
      for b in 0...a {
        let product = (0..<size).reduce(0.0) { $0 + Double(weight[a * size + $1]) * Double(weight[b * size + $1]) }
        #expect(abs(product - (a == b ? 1 : 0)) < 1e-5)
      }
    }
    #expect(all["recurrent.cells.0.update_gate.bias"] == [Float](repeating: 1, count: 12))
    #expect(all["recurrent.cells.0.out_gate.bias"] == [Float](repeating: 0, count: 12))
  }

  @Test("FiLM starts with scales of ones and shifts of 0; fixed adaptation filters follow their formula")
  func fixedStarts() throws {
    let film = ZooCase("syn_film_enc_residual")
    let all = try tensors(UntrainedTwin(configuration: film.configuration(), heads: film.heads(), seed: 3))
    #expect(try #require(all["modulator.scale_layer.weight"]).allSatisfy { $0 == 1 })
    #expect(try #require(all["modulator.shift_layer.weight"]).allSatisfy { $0 == 0 })
    let zoo = ZooCase("syn_affine_da_fixed_vanilla_depthwise")
    let configuration = try zoo.configuration()
    let drawn = try tensors(UntrainedTwin(configuration: configuration, heads: zoo.heads(), seed: 3))
    let filter = try #require(drawn["frontend.Ky_filter"])
    let (milliseconds, order) = (
      try #require(drawn["frontend.tau_y_ms"]?.first), try #require(drawn["frontend.n_y"]?.first)
    )
    let tau = Double(milliseconds) / 1000 * (configuration["sampling_rate"]?.doubleValue ?? 240)
    #expect(filter.count == 10)
    for (step, value) in filter.reversed().enumerated() {
      let expected =
        pow(Double(step), Double(order)) * exp(-Double(step) / tau)
        / (pow(tau, Double(order) + 1) * tgamma(Double(order) + 1))
      #expect(abs(Double(value) - expected) < 1e-5 * max(1, expected))
    }
  }

  @Test("The same seed gives the same bits, another seed other values")
  func seeds() throws {
    let zoo = ZooCase("learned_resnet_none_convgru_gaussian")
    func made(_ seed: UInt32) throws -> UntrainedTwin {
      try UntrainedTwin(configuration: zoo.configuration(), heads: zoo.heads(), seed: seed)
    }
    #expect(try made(5).tensors == made(5).tensors)
    #expect(try made(5).tensors != made(6).tensors)
  }

  @Test(
    "VisionCore's own start has the same constants, bounds and spreads, tensor by tensor",
    .enabled(if: Fixtures.hasShared), arguments: ["scratch", "scratch_teacher"])
  func visionCore(name: String) throws {
    let theirs = try NpzArchive(path: Fixtures.shared("finetune/\(name).npz"))
    let model =
      name == "scratch"
      ? try #require(try Checkpoint(path: Fixtures.path("twin/twin.ckpt")).configuration)
      : try YAMLDocument.read(path: Fixtures.shared("finetune/scratch_teacher_config.yaml"))
    let heads = [24, 16].map { HeadConfiguration(session: "s\($0)", cids: Array(0..<$0)) }
    let twin = try UntrainedTwin(configuration: model, heads: heads, seed: 11)
    #expect(
      Set(twin.tensors.map { "init/\($0.name)" }) == Set(theirs.arrayNames.filter { $0.hasPrefix("init/") }))
    for tensor in twin.tensors {
      // The trainer sets biases to mean counts, and this recording scales the features and shapes of filters.
      if tensor.name.hasSuffix("readouts.0.bias") || tensor.name.hasSuffix("readouts.1.bias") { continue }
      if name == "scratch_teacher", tensor.name.contains("features") { continue }
      let (ours, recorded) = (values(tensor), try theirs.tensor("init/\(tensor.name)").values)
      #expect(tensor.shape == theirs.info("init/\(tensor.name)")?.shape)
      let (a, b) = (moments(ours), moments(recorded))
      if b.deviation == 0 || tensor.name == "frontend.temporal_conv.conv.weight" {
        #expect(zip(ours, recorded).allSatisfy { abs($0 - $1) < 1e-6 }, "\(tensor.name)")
      } else {
        let count = Double(ours.count).squareRoot()
        #expect(abs(a.deviation - b.deviation) <= 6 * b.deviation / count, "\(tensor.name)")
        #expect(abs(a.mean - b.mean) <= 8 * b.deviation / count, "\(tensor.name)")
      }
    }
  }

  @Test(
    "Options that can't be built are refused with their place",
    arguments: [
      ("init_type: gaussian_derivates", "frontend.params.init_type: unknown start `gaussian_derivates`"),
      ("init_type: random, wrong: 1", "frontend.params.wrong: unknown option `wrong`"),
    ])
  func refusals(option: String, message: String) throws {
    let text = """
      model_type: v1multi
      frontend: {type: learnable_temporal, params: {kernel_size: 4, num_channels: 2, bias: false, \(option)}}
      convnet: {type: none, params: {}}
      readout: {type: gaussian, params: {bias: true}}
      output_activation: softplus
      """
    let node = try YAMLDocument.parse(text: text, name: "model")
    let failure = try #require(throws: Failure.self) {
      try UntrainedTwin(configuration: node, heads: [HeadConfiguration(session: "s", cids: [0, 1])], seed: 1)
    }
    #expect(failure.message.contains(message), "\(failure.message)")
    let unnamed = try #require(throws: Failure.self) {
      try UntrainedTwin(configuration: node, heads: [HeadConfiguration(session: "s")], seed: 1)
    }
    #expect(unnamed.message == "s lists no cids: the size of its readout is unknown")
  }
}
