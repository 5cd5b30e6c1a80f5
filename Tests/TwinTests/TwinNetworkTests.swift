import Base
import Formats
import Kernels
import Testing
import Twin

@Suite struct TwinNetworkTests {
  @Test("A twin without inputs has a row for every sample") func aTwinThatIsGivenNothingHasARowForEverySample()
    throws
  {
    let none = ConfigNode.map([.init("type", .string("none"))])
    let configuration = ConfigNode.map(
      ["adapter", "frontend", "convnet", "modulator", "recurrent"].map { .init($0, none) }
        + [
          .init("readout", .map([.init("type", .string("gaussian"))])), .init("output_activation", .string("softplus")),
        ])
    let source = MemorySource(arrays: [
      "readouts.0.features.weight": Tensor(shape: [2, 1, 1, 1], values: [1, -1]),
      "readouts.0.mean": Tensor(zeros: [2, 2]), "readouts.0.theta": Tensor(zeros: [2]),
      "readouts.0.std": Tensor(shape: [2, 2], values: [1, 1, 1, 1]), "readouts.0.bias": Tensor(zeros: [2]),
    ])
    let network = try TwinNetwork(
      architecture: TwinArchitecture(configuration: configuration, source: source), source: source)
    var input = TwinInput()
    input.sampleCount = 5
    let rates = try network.forward(input, head: 0).rates
    #expect(rates.shape == [5, 2])
    // softplus of the features, which are ones.
    #expect(abs(rates.values[8] - 1.3132617) < 1e-6 && abs(rates.values[9] - 0.3132617) < 1e-6)
  }

  @Test("Another head on the same core is that head") func anotherHeadOnTheSameCoreIsThatHead() throws {
    let zoo = ZooCase("learned_resnet_none_convgru_gaussian")
    let source = try zoo.checkpoint()
    let architecture = try zoo.architecture()
    let first = try TwinNetwork(architecture: architecture, source: source, heads: [0])
    let shared = try first.with(head: 1, from: source)
    let apart = try TwinNetwork(architecture: architecture, source: source, heads: [1])
    let input = try zoo.input(head: 1)
    #expect(try shared.forward(input, head: 1).rates == apart.forward(input, head: 1).rates)
    let failure = #expect(throws: Failure.self) { try shared.forward(input, head: 0) }
    #expect(failure?.kind == .missing)
  }

  @Test("The same groups give the same bits") func theSameGroupsGiveTheSameBits() throws {
    let zoo = ZooCase("learned_resnet_none_convgru_gaussian")
    let network = try zoo.network()
    let two = try zoo.input(head: 0)
    let stimulus = try #require(two.stimulus)
    let rows = try #require(stimulus.shape.first)
    var all = two
    all.stimulus = Tensor(shape: [2 * rows] + stimulus.shape.dropFirst(), values: stimulus.values + stimulus.values)
    all.groups = [0..<rows, rows..<2 * rows]
    var alone = two
    alone.groups = [0..<rows]
    let rates = try network.forward(all, head: 0).rates.values
    let expected = try network.forward(alone, head: 0).rates.values
    #expect(rates == expected + expected)
  }
}
