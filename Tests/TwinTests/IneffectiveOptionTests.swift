import Base
import Formats
import Testing
import Twin

@Suite struct IneffectiveOptionTests {
  private func paths(_ zoo: ZooCase, setting changes: [(String, ConfigNode)] = []) throws -> [String] {
    let configuration = try changes.reduce(zoo.configuration()) { $0.setting($1.0, to: $1.1) }
    return try TwinArchitecture(configuration: configuration, source: zoo.checkpoint(), heads: zoo.heads())
      .ineffectiveOptions.map(\.path)
  }

  private let zoo = ZooCase("ser_legacy")

  @Test func whatIsNotWrittenIsNotFound() throws {
    #expect(try !paths(zoo).contains { $0.hasPrefix("recurrent") })
  }

  @Test(arguments: [
    ("recurrent.params.learnable_h0", ConfigNode.bool(true)), ("convnet.params.checkpointing", .bool(true)),
    ("convnet.params.block_configs.0.out_channels", .int(4)), ("convnet.params.dim", .int(3)),
  ]) func anOptionThatIsPassedOverIsFound(_ path: String, _ value: ConfigNode) throws {
    #expect(try paths(zoo, setting: [(path, value)]).contains(path))
  }

  @Test func askingForNothingIsNotFound() throws {
    #expect(try !paths(zoo, setting: [("recurrent.params.learnable_h0", .bool(false))]).contains { $0.hasSuffix("h0") })
  }

  @Test func paddingOfABlockThatIsNeverPaddedIsFound() throws {
    #expect(
      try paths(ZooCase("syn_noncausal_nativepad_stride")).contains("convnet.params.block_configs.1.conv_params.padding"))
    #expect(
      try !paths(ZooCase("syn_noncausal_nativepad_stride")).contains(
        "convnet.params.block_configs.0.conv_params.padding"))
  }

  @Test func theNumberOfUnitsIsFoundWhereTheHeadsHaveAnother() throws {
    let single = ZooCase("syn_v1_single_film")
    let cells = try single.architecture().heads[0].cellCount
    #expect(try !paths(single, setting: [("readout.params.n_units", .int(cells))]).contains("readout.params.n_units"))
    #expect(try paths(single, setting: [("readout.params.n_units", .int(cells + 1))]).contains("readout.params.n_units"))
  }
}

@Suite struct MisfitTests {
  @Test func aLayersRefusalIsTakenApart() throws {
    let architecture = try ZooCase("ser_legacy").architecture()
    let failure = try #require(throws: Failure.self) {
      try architecture.featureSize(input: [1, 2, 21, 21], head: 0)
    }
    let misfit = Misfit(failure)
    #expect(misfit.part == .frontend)
    #expect(misfit.place == "frontend.temporal_conv.conv")
    #expect(misfit.problem.hasSuffix("kernel does not fit"))
    #expect(misfit.shapes.count == 1)
    let fewest = try #require(architecture.fewestLags(height: 21, width: 21, head: 0))
    #expect(throws: Never.self) { try architecture.featureSize(input: [1, fewest, 21, 21], head: 0) }
    #expect(throws: Failure.self) { try architecture.featureSize(input: [1, fewest - 1, 21, 21], head: 0) }
  }

  @Test func aTensorInBackquotesIsThePlace() {
    let misfit = Misfit(Failure(.missing, "/a/b.ckpt: no tensor `readouts.1.mean`, which the configuration asks for"))
    #expect(misfit.place == "readouts.1.mean")
    #expect(misfit.part == .readout)
  }

  @Test func aMessageWithoutAPlaceStaysWhole() {
    let misfit = Misfit(Failure(.mismatch, "the stimulus has 2 channels, the twin takes 1"))
    #expect(misfit == Misfit(Failure(.mismatch, misfit.problem)))
    #expect(misfit.place == nil)
    #expect(misfit.part == nil)
  }
}
