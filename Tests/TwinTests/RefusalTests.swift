import Base
import Formats
import TestSupport
import Testing
import Twin

@Suite struct RefusalTests {
  private let zoo = ZooCase("learned_resnet_none_convgru_gaussian")

  /// The failure of opening the case with `path` set to `value`.
  private func failure(_ path: String, _ value: ConfigNode?, in zoo: ZooCase) throws -> Failure? {
    do {
      _ = try TwinArchitecture(
        configuration: zoo.configuration().setting(path, to: value), source: zoo.checkpoint(), heads: zoo.heads())
      return nil
    } catch let failure as Failure { return failure }
  }

  @Test(
    "An unknown layer is named with its path",
    arguments: [
      (
        "convnet.params.block_configs.1.norm_type", "foo",
        "convnet.params.block_configs.1.norm_type: unknown norm `foo`"
      ),
      ("convnet.params.stem_config.act_type", "foo", "convnet.params.stem_config.act_type: unknown activation `foo`"),
      (
        "convnet.params.block_configs.0.pool_params.type", "learned",
        "convnet.params.block_configs.0.pool_params.type: unsupported pool `learned`"
      ),
      (
        "convnet.params.block_configs.0.conv_params.type", "foo",
        "convnet.params.block_configs.0.conv_params.type: unknown convolution `foo`"
      ),
      (
        "convnet.params.block_configs.0.conv_params.aa_window", "foo",
        "convnet.params.block_configs.0.conv_params.aa_window: unknown window `foo`"
      ),
      ("frontend.type", "foo", "frontend.type: unknown frontend `foo`"),
      ("convnet.type", "polar", "convnet.type: unknown network `polar`"),
      ("modulator.type", "stn", "modulator.type: unsupported modulator `stn`"),
      ("recurrent.type", "gru", "recurrent.type: unsupported recurrent `gru`"),
      ("readout.type", "gaussianei", "readout.type: unknown readout `gaussianei`"),
      ("adapter.params.transform", "foo", "adapter.params.transform: unknown transform `foo`"),
      ("model_type", "v9", "model_type: unknown model type `v9`"),
      ("output_activation", "foo", "output_activation: unknown activation `foo`"),
    ]) func anUnknownLayerIsNamedWithItsPath(_ path: String, _ value: String, _ message: String) throws
  {
    let failure = try #require(try failure(path, .string(value), in: zoo))
    #expect(failure.kind == .unsupported)
    #expect(failure.message == message)
  }

  @Test(
    "An unknown option is named with its path",
    arguments: [
      "frontend.params.foo", "convnet.params.foo", "convnet.params.stem_config.foo",
      "convnet.params.block_configs.0.conv_params.foo", "convnet.params.block_configs.1.norm_params.foo",
      "convnet.params.block_configs.0.pool_params.foo", "recurrent.params.foo", "readout.params.foo",
      "adapter.params.foo", "foo",
    ]) func anUnknownOptionIsNamedWithItsPath(_ path: String) throws
  {
    let failure = try #require(try failure(path, .int(1), in: zoo))
    #expect(failure.kind == .unsupported)
    #expect(failure.message == "\(path): unknown option `foo`")
  }

  @Test("A slip in a type name gets a suggestion") func aSlipInATypeNameGetsASuggestion() throws {
    let failure = try #require(try failure("recurrent.type", .string("convgur"), in: zoo))
    #expect(failure.hint == "did you mean `convgru`?")
  }

  @Test("An option of the wrong kind is named") func anOptionOfTheWrongKindIsNamed() throws {
    let failure = try #require(try failure("recurrent.params.hidden_dim", .string("many"), in: zoo))
    #expect(failure.message == "recurrent.params.hidden_dim: an integer or a list of them is needed, not text")
  }

  @Test("Sizes that disagree with the tensors are a mismatch") func sizesThatDisagreeWithTheTensorsAreAMismatch() throws
  {
    let failure = try #require(try failure("recurrent.params.hidden_dim", .int(13), in: zoo))
    #expect(failure.kind == .mismatch)
    #expect(failure.message.contains("recurrent.cells.0.update_gate.weight"))
  }

  @Test("Cids that disagree are reported by session with both counts")
  func cidsThatDisagreeAreReportedBySessionWithBothCounts() throws {
    var heads = try zoo.heads()
    heads[0].cids = [1, 3]
    let failure = try #require(throws: Failure.self) {
      try TwinArchitecture(configuration: zoo.configuration(), source: zoo.checkpoint(), heads: heads)
    }
    #expect(failure.kind == .mismatch)
    #expect(failure.message == "Zoo_2025-01-10: yaml 2 cells, checkpoint 5")
  }

  @Test("A session without a head is a mismatch") func aSessionWithoutAHeadIsAMismatch() throws {
    let heads = try zoo.heads() + [HeadConfiguration(session: "Nova_2025-02-03", cids: [1, 2])]
    let failure = try #require(throws: Failure.self) {
      try TwinArchitecture(configuration: zoo.configuration(), source: zoo.checkpoint(), heads: heads)
    }
    #expect(failure.message == "Nova_2025-02-03: yaml 2 cells, checkpoint has no such head")
  }

  @Test("A missing tensor is named") func aMissingTensorIsNamed() throws {
    let source = ChangedSource(try zoo.checkpoint(), hiding: ["recurrent.cells.0.reset_gate.weight"])
    let failure = try #require(throws: Failure.self) {
      try TwinArchitecture(configuration: zoo.configuration(), source: source)
    }
    #expect(failure.kind == .missing)
    #expect(failure.message.contains("`recurrent.cells.0.reset_gate.weight`"))
  }

  @Test("A tensor of another shape is named with both shapes") func aTensorOfAnotherShapeIsNamedWithBothShapes() throws
  {
    let source = ChangedSource(
      try zoo.checkpoint(), replacing: ["readouts.0.mean": Tensor(zeros: [4, 2])])
    let failure = try #require(throws: Failure.self) {
      try TwinArchitecture(configuration: zoo.configuration(), source: source)
    }
    #expect(failure.kind == .mismatch)
    #expect(failure.message.hasSuffix("`readouts.0.mean` is [4, 2], the configuration asks for [5, 2]"))
  }

  @Test("A main path larger than its shortcut is reported with shapes")
  func aMainPathLargerThanItsShortcutIsReportedWithShapes() throws {
    let architecture = try ZooCase("cones_res_small_gru_optimized").architecture()
    let failure = try #require(throws: Failure.self) { try architecture.tree(input: [1, 32, 33, 33]) }
    #expect(failure.kind == .mismatch)
    #expect(
      failure.message.hasPrefix("convnet.layers.0: the main path gives 8x16x18x18, larger than its shortcut 8x16x17x17")
    )
  }

  @Test("A stimulus that is too short names the layer") func aStimulusThatIsTooShortNamesTheLayer() throws {
    let network = try zoo.network()
    let failure = try #require(throws: Failure.self) {
      try network.forward(.init(stimulus: Tensor(zeros: [1, 1, 9, 51, 51])), head: 0)
    }
    #expect(failure.kind == .mismatch)
    #expect(failure.message.hasPrefix("frontend.temporal_conv.conv: a 16x1x1 kernel does not fit (input 1x9x33x33"))
  }

  @Test("Behaviour that is needed and not given is refused unless left out by name")
  func behaviourThatIsNeededAndNotGivenIsRefusedUnlessLeftOutByName() throws {
    let zoo = ZooCase("syn_v1_single_film")
    let network = try zoo.network()
    var input = try zoo.input(head: 0)
    input.behavior = nil
    let failure = try #require(throws: Failure.self) { try network.forward(input, head: 0) }
    #expect(failure.kind == .missing && failure.message.hasPrefix("this twin needs behaviour: its modulator ("))
    input.skipsBehavior = true
    #expect(try network.forward(input, head: 0).rates.shape == [2, 5])
  }

  @Test("History with its axes swapped is refused") func historyWithItsAxesSwappedIsRefused() throws {
    let zoo = ZooCase("syn_history_plainmlp")
    let network = try zoo.network()
    var input = try zoo.input(head: 0)
    input.history = input.history?.reshaped([2, 5, 4])
    let failure = try #require(throws: Failure.self) { try network.forward(input, head: 0) }
    #expect(failure.kind == .mismatch)
    #expect(failure.message == "history of shape [2, 5, 4] for 2 samples of 4 lags and 5 cells")
    input.history = input.history?.reshaped([2, 20])
    #expect(try network.forward(input, head: 0).rates.shape == [2, 5])
  }

  @Test("A head that does not exist is missing, and the hint lists the heads") func aHeadThatIsNotThereIsMissing()
    throws
  {
    let network = try zoo.network()
    let failure = try #require(throws: Failure.self) { try network.forward(try zoo.input(head: 0), head: 7) }
    #expect(failure.kind == .missing)
    #expect(failure.hint == "heads: 0, 1")
  }

  @Test("A cancelled forward stops") func aCancelledForwardStops() throws {
    let work = Work()
    work.cancellation.cancel()
    #expect(throws: Failure.interrupted) {
      try zoo.network().forward(try zoo.input(head: 0), head: 0, work: work)
    }
  }

  @Test("Options of one head do not apply to the others") func anOverrideOfOneHeadIsNotAskedOfTheOthers() throws {
    // Head 1 has a linear readout and an affine adapter, which only its session's file says.
    let zoo = ZooCase("syn_baseline_relu_dsover")
    let architecture = try TwinArchitecture(configuration: zoo.configuration(), source: zoo.checkpoint())
    #expect(architecture.heads.map(\.cellCount) == [5, 3])
    let network = try TwinNetwork(architecture: architecture, source: zoo.checkpoint())
    #expect(try network.forward(zoo.input(head: 0), head: 0).rates.shape == [2, 5])
    let failure = #expect(throws: Failure.self) { try network.forward(zoo.input(head: 1), head: 1) }
    #expect(failure?.kind == .missing)
  }

  @Test("A history model that does not describe its encoder has VisionCore's own")
  func aHistoryModelThatDoesNotDescribeItsEncoderHasVisionCoresOwn() throws {
    let zoo = ZooCase("syn_history_plainmlp")
    let configuration = try zoo.configuration().setting("history_encoder", to: nil)
    // Five lags of all cells to 32 numbers, which this checkpoint's tensors are not.
    let failure = try #require(throws: Failure.self) {
      try TwinArchitecture(configuration: configuration, source: zoo.checkpoint(), heads: zoo.heads())
    }
    #expect(failure.message.contains("spike_history.0.mlp.0"))
    #expect(failure.message.contains("32"))
  }

  @Test("What OmegaConf leaves open is named for what it is, with the remedy")
  func openValues() throws {
    for (value, words) in [
      ("'???'", "`???` stands there: OmegaConf's word for a value that was never given"),
      ("'${model.channels}'", "the reference `${model.channels}` names no setting"), ("'many'", "not text"),
    ] {
      let text = "model_type: v1multi\ninitial_input_channels: \(value)\nreadout: {type: gaussian}\n"
      let configuration = try YAMLDocument.parse(text: text, name: "model.yaml")
      let failure = #expect(throws: Failure.self) { try TwinArchitecture.check(configuration: configuration) }
      #expect(failure?.message.hasPrefix("initial_input_channels: an integer is needed") == true)
      #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
      #expect((failure?.hint == nil) == (value == "'many'"))
    }
  }
}
