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

  @Test("An option that is not written is not reported") func whatIsNotWrittenIsNotFound() throws {
    #expect(try !paths(zoo).contains { $0.hasPrefix("recurrent") })
  }

  @Test(
    "An option without an effect is reported",
    arguments: [
      ("recurrent.params.learnable_h0", ConfigNode.bool(true)), ("convnet.params.checkpointing", .bool(true)),
      ("convnet.params.block_configs.0.out_channels", .int(4)), ("convnet.params.dim", .int(3)),
    ]) func anOptionThatIsPassedOverIsFound(_ path: String, _ value: ConfigNode) throws
  {
    #expect(try paths(zoo, setting: [(path, value)]).contains(path))
  }

  @Test("An option that is switched off is not reported") func askingForNothingIsNotFound() throws {
    #expect(try !paths(zoo, setting: [("recurrent.params.learnable_h0", .bool(false))]).contains { $0.hasSuffix("h0") })
  }

  @Test("Padding of a block that is never padded is reported") func paddingOfABlockThatIsNeverPaddedIsFound() throws {
    #expect(
      try paths(ZooCase("syn_noncausal_nativepad_stride")).contains(
        "convnet.params.block_configs.1.conv_params.padding"))
    #expect(
      try !paths(ZooCase("syn_noncausal_nativepad_stride")).contains(
        "convnet.params.block_configs.0.conv_params.padding"))
  }

  @Test("The number of units is reported where the heads have another")
  func theNumberOfUnitsIsFoundWhereTheHeadsHaveAnother() throws {
    let single = ZooCase("syn_v1_single_film")
    let cells = try single.architecture().heads[0].cellCount
    #expect(try !paths(single, setting: [("readout.params.n_units", .int(cells))]).contains("readout.params.n_units"))
    #expect(
      try paths(single, setting: [("readout.params.n_units", .int(cells + 1))]).contains("readout.params.n_units"))
  }
}
