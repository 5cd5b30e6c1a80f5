import Base
import Formats
import Layers
import TestSupport
import Testing
import Twin

/// Dropout and the other things that only training does.
@Suite struct PassModeTests {
  /// A case whose configuration drops values.
  private let zoo = GradientCase(zoo: ZooCase("syn_film_enc_residual"))

  private func result(_ mode: PassMode, seed: UInt64, rows: Range<Int>? = nil, groups: [Range<Int>]? = nil) throws
    -> TwinGradients
  {
    var input = try zoo.zoo.input(head: 0)
    let twin = try zoo.twin()
    input.groups = groups
    if let rows {
      input.stimulus = input.stimulus?[rows: rows]
      input.behavior = input.behavior?[rows: rows]
    }
    return try twin.gradients(input, head: 0, mode: mode, seed: seed) { outputs in
      (Double(outputs.values.reduce(0, +)), Tensor(shape: outputs.shape, values: outputs.values.map { _ in 1 }))
    }
  }

  @Test("Dropout follows its seed") func dropoutFollowsItsSeed() throws {
    let first = try result(.train, seed: 1)
    #expect(try result(.train, seed: 1).outputs == first.outputs)
    #expect(try result(.train, seed: 2).outputs != first.outputs)
    #expect(try result(.eval, seed: 1).outputs != first.outputs)
  }

  @Test("Dropout of a sample does not depend on its group") func dropoutIsASamplesOwnWhateverTheGroup() throws {
    let together = try result(.train, seed: 1, groups: [0..<2])
    let apart = try result(.train, seed: 1, groups: [0..<1, 1..<2])
    #expect(apart.outputs.distance(from: together.outputs) <= 1)
    let alone = try result(.train, seed: 1, rows: 0..<1)
    #expect(alone.outputs.distance(from: together.outputs[rows: 0..<1]) <= 1)
  }

  @Test("Without dropout training is evaluation where nothing else differs")
  func withoutDropoutTrainingIsEvaluationWhereNothingElseDiffers() throws {
    #expect(try result(.trainDropoutOff, seed: 1).outputs == result(.eval, seed: 1).outputs)
  }

  @Test("Features of a frozen core are not kept where the core drops values or uses the batch's statistics")
  func featuresOfAFrozenCore() throws {
    func features(_ name: String, _ mode: PassMode) throws -> [FrozenFeatures]? {
      let zoo = ZooCase(name)
      let architecture = try zoo.architecture()
      let readout = architecture.parameters.filter { $0.part == .readout }.map(\.name)
      let twin = try TrainableTwin(
        architecture: architecture, source: ParameterStore(zoo.checkpoint()), heads: [0], trained: Set(readout))
      return try twin.frozenFeatures(zoo.input(head: 0), head: 0, mode: mode)
    }
    #expect(try features("syn_film_enc_residual", .train) == nil)
    #expect(try features("syn_film_enc_residual", .eval)?.count == 2)
    #expect(try features("learned_resnet_none_convgru_gaussian", .train)?.count == 2)
  }
}
