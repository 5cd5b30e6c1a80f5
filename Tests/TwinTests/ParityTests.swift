import Base
import Formats
import TestSupport
import Testing
import Twin

@Suite struct ParityTests {
  @Test("Every stage and output is the reference's", arguments: ZooCase.withNumbers)
  func everyStageAndOutputIsTheReferences(_ zoo: ZooCase) throws {
    let network = try zoo.network()
    let numbers = try zoo.numbers()
    for head in network.architecture.heads {
      let output = try network.forward(zoo.input(head: head.index), head: head.index, stages: true)
      #expect(output.rates.distance(from: try numbers.tensor("out_\(head.index)")) <= 1, "out_\(head.index)")
      guard head.index == 0 else { continue }
      #expect(Set(output.stages.map(\.name)) == Set(numbers.arrayNames.filter { $0.hasPrefix("s_") }))
      for (name, tensor) in output.stages {
        #expect(tensor.distance(from: try numbers.tensor(name)) <= 1, "\(name)")
      }
    }
  }

  @Test("Readout of core features is the forward pass, but for spike history", arguments: ZooCase.withNumbers)
  func readoutOfCoreFeaturesIsTheForwardPass(_ zoo: ZooCase) throws {
    let network = try zoo.network()
    let input = try zoo.input(head: 0)
    let features = try network.coreFeatures(input, head: 0)
    let rates = try network.readout(features: features, head: 0)
    // Spike history comes between readout and activation, so a twin with history differs.
    let whole = try network.forward(input, head: 0).rates
    #expect((rates == whole) == !network.architecture.requiresHistory)
  }

  @Test("The full-size twin agrees with the reference", .enabled(if: Fixtures.hasShared))
  func theFullSizeTwinAgreesWithTheReference() throws {
    let zoo = ZooCase(folder: Fixtures.shared("canonical"))
    let network = try zoo.network()
    let numbers = try zoo.numbers()
    let input = try zoo.input(head: 0)
    let output = try network.forward(input, head: 0, stages: true)
    #expect(output.rates.distance(from: try numbers.tensor("out_0")) <= 1)
    let stored = output.stages.filter { numbers.info($0.name) != nil }
    #expect(Set(stored.map(\.name)).isSuperset(of: ["s_adapter", "s_convnet", "s_readout"]))
    for (name, tensor) in stored { #expect(tensor.distance(from: try numbers.tensor(name)) <= 1, "\(name)") }
    let features = try network.coreFeatures(input, head: 0)
    #expect(features.distance(from: try numbers.tensor("s_recurrent_last")) <= 1)
    #expect(try network.forward(input, head: 1).rates.distance(from: numbers.tensor("out_1")) <= 1)
  }

  @Test("A trained twin predicts the rates that its trainer saw") func aTrainedTwinPredictsTheRatesThatItsTrainerSaw()
    throws
  {
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    let architecture = try TwinArchitecture(
      configuration: #require(checkpoint.configuration), source: checkpoint,
      heads: [HeadConfiguration(session: "Sim_2025-01-10"), HeadConfiguration(session: "Sim_2025-01-17")])
    let head = try #require(architecture.head(session: "Sim_2025-01-17"))
    let network = try TwinNetwork(architecture: architecture, source: checkpoint, heads: [head.index])
    let folder = "twin/Sim_2025-01-17"
    let recording = try DictDataset(path: Fixtures.path("\(folder)/backimage.dset"))
    let expected = try NpzArchive(path: Fixtures.path("\(folder)/expected_backimage.npz"))
    let frames = try expected.integers("idx").prefix(48)
    var pixels: [Float] = []
    for frame in frames {
      for lag in 0..<18 {
        pixels += try recording.tensor("stim", rows: frame - lag..<frame - lag + 1).values.map { ($0 - 127) / 255 }
      }
    }
    let stimulus = Tensor(shape: [frames.count, 1, 18, 25, 25], values: pixels)
    let rates = try network.forward(.init(stimulus: stimulus), head: head.index).rates
    #expect(rates.distance(from: try expected.tensor("rhat", rows: 0..<frames.count)) <= 1)
  }
}
