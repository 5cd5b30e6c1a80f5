import Base
import Formats
import TestSupport
import Testing
import Twin

@Suite struct ParameterStoreTests {
  private let zoo = GradientCase(zoo: ZooCase("syn_bsoftplus_order_prelu"))

  @Test("A twin from the store is the checkpoint's") func aTwinFromTheStoreIsTheCheckpoints() throws {
    let store = try ParameterStore(zoo.zoo.checkpoint())
    let input = try zoo.zoo.input(head: 0)
    let own = try TwinNetwork(architecture: zoo.zoo.architecture(), source: store).forward(input, head: 0)
    #expect(own.rates == (try zoo.zoo.network().forward(input, head: 0).rates))
  }

  @Test("A step down the gradient lowers the loss") func aStepDownTheGradientLowersTheLoss() throws {
    var store = try ParameterStore(zoo.zoo.checkpoint())
    let architecture = try zoo.zoo.architecture()
    let before = try zoo.gradients(TrainableTwin(architecture: architecture, source: store, heads: [0]), mode: .eval)
    for name in before.parameters.names {
      guard let gradient = before.parameters[name] else { continue }
      let old = try store.tensor(name)
      try store.set(
        name, to: Tensor(shape: old.shape, values: zip(old.values, gradient.values).map { $0 - 1e-4 * $1 }))
    }
    let after = try zoo.gradients(TrainableTwin(architecture: architecture, source: store, heads: [0]), mode: .eval)
    #expect(after.loss < before.loss)
  }

  @Test("Buffers of a training pass are taken over") func buffersOfATrainingPassAreTakenOver() throws {
    var store = try ParameterStore(zoo.zoo.checkpoint())
    let result = try zoo.gradients(zoo.twin())
    try store.update(result.updated)
    let name = try #require(result.updated.keys.first { $0.hasSuffix("running_mean") })
    #expect(try store.tensor(name) == result.updated[name])
    #expect(try store.integers(name.replacing("running_mean", with: "num_batches_tracked")).first ?? 0 > 0)
  }

  @Test("A tensor of another shape and an unknown name are refused") func whatDoesNotFitIsRefused() throws {
    var store = try ParameterStore(zoo.zoo.checkpoint())
    let other = #expect(throws: Failure.self) { try store.set("readouts.0.mean", to: Tensor(zeros: [3])) }
    #expect(other?.kind == .mismatch)
    let unknown = #expect(throws: Failure.self) { try store.set("readouts.0.meen", to: Tensor(zeros: [3])) }
    #expect(unknown?.kind == .missing && unknown?.hint?.contains("readouts.0.mean") == true)
  }
}
