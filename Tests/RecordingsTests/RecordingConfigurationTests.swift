import Base
import Formats
import Recordings
import Testing

struct RecordingConfigurationTests {
  func node(_ entries: KeyValuePairs<String, ConfigNode>) -> ConfigNode {
    .map(entries.map { ConfigNode.Entry($0.key, $0.value) })
  }

  @Test("Without a YAML VisionCore's defaults hold")
  func yamlVisionCoreDefaults() throws {
    let configuration = try RecordingConfiguration(parent: nil, session: nil, sessionName: "Rec")
    #expect(configuration == .standard(session: "Rec"))
    #expect(configuration.trainFraction == 0.8 && configuration.seed == 1002)
    #expect(configuration.transforms.map(\.steps) == [[PipelineStep("pixelnorm")]])
  }

  @Test("The session's settings come before the parent's")
  func sessionSettingsCome() throws {
    let parent = node(["seed": .int(1), "train_val_split": .double(0.5), "types": .list([.string("backimage")])])
    let session = node(["session": .string("Rec"), "seed": .int(2), "cids": .list([.int(3), .int(1)])])
    let configuration = try RecordingConfiguration(parent: parent, session: session, sessionName: "Rec")
    #expect(configuration.seed == 2)
    #expect(configuration.trainFraction == 0.5)
    #expect(configuration.cids == [3, 1])
    #expect(configuration.types == ["backimage"])
  }

  @Test("Lags keep their order, and one lag or none is a list of one")
  func lagsKeepTheir() throws {
    let lags = node(["stim": .list([.int(2), .int(0)]), "robs": .int(0), "trial_inds": .null])
    let configuration = try RecordingConfiguration(
      parent: node(["keys_lags": lags]), session: nil, sessionName: "Rec")
    #expect(configuration.lags == ["stim": [2, 0], "robs": [0], "trial_inds": [0]])
  }

  @Test("An unknown transform is named with its place and the likely meaning")
  func unknownTransformNamed() throws {
    let ops = ConfigNode.list([node(["pixelnrm": node([:])])])
    let yaml = node(["transforms": node(["stim": node(["source": .string("stim"), "ops": ops])])])
    let failure = try refusal(yaml)
    #expect(failure.kind == .unsupported)
    #expect(failure.message == "Rec: transforms.stim.ops.0.pixelnrm: unknown transform `pixelnrm`")
    #expect(failure.hint == "did you mean `pixelnorm`?")
  }

  @Test("An unknown data filter is named with its place")
  func unknownDataFilter() throws {
    let ops = ConfigNode.list([node(["valid_nlags": node([:])]), node(["saccades": node([:])])])
    let failure = try refusal(node(["datafilters": node(["dfs": node(["ops": ops])])]))
    #expect(failure.kind == .unsupported)
    #expect(failure.message.contains("datafilters.dfs.ops.1.saccades: unknown data filter `saccades`"))
  }

  @Test("An unknown option is named with its place")
  func unknownOptionNamed() throws {
    let ops = ConfigNode.list([node(["valid_nlags": node(["nlags": .int(4)])])])
    let failure = try refusal(node(["datafilters": node(["dfs": node(["ops": ops])])]))
    #expect(failure.message.contains("datafilters.dfs.ops.0.valid_nlags: unknown option `nlags`"))
    #expect(failure.hint == "did you mean `n_lags`?")
  }

  @Test(
    "A setting of the wrong kind is named",
    arguments: [
      ("cids", ConfigNode.string("all")), ("keys_lags", .int(3)), ("seed", .string("x")), ("train_val_split", .int(2)),
      ("transforms", .list([])), ("datafilters", .string("dfs")), ("cids", .list([.int(1), .int(1)])),
    ])
  func settingWrongKind(key: String, value: ConfigNode) throws {
    let failure = try refusal(node([key: value]))
    #expect(failure.kind == .format)
    #expect(failure.message.hasPrefix("Rec: \(key)"))
  }

  @Test(
    "A list names its item that is wrong",
    arguments: [
      ("cids", "cids: a list of integers is expected, not text at item 2"),
      ("types", "types: a list of names is expected, not an integer at item 0"),
    ])
  func listNamesItem(key: String, message: String) throws {
    let failure = try refusal(node([key: .list([.int(1), .int(3), .string("x")])]))
    #expect(failure.message == "Rec: \(message)")
  }

  @Test("A name that is too long is cut in messages")
  func nameTooLong() throws {
    let name = String(repeating: "long", count: 1000)
    let ops = ConfigNode.list([node([name: .null])])
    let message = try refusal(node(["transforms": node([name: node(["ops": ops])])])).message
    #expect(message.count < 400)
    #expect(message.contains("unknown transform `longlong"))
  }

  @Test("The YAML of another session is refused")
  func yamlAnotherSession() throws {
    #expect(try refusal(node(["session": .string("Other")])).kind == .mismatch)
  }

  @Test(
    "Rates that are not whole multiples, or are too far apart, can't be downsampled",
    arguments: [(240, 100), (120, 240), (1_000_000_000, 1)])
  func ratesNoWhole(source: Int, target: Int) throws {
    let sampling = node(["source_rate": .int(source), "target_rate": .int(target)])
    let configuration = try RecordingConfiguration(
      parent: node(["sampling": sampling]), session: nil, sessionName: "Rec")
    let failure = #expect(throws: Failure.self) { try configuration.downsamplingFactor() }
    #expect(failure?.kind == .unsupported)
    #expect(failure?.message.hasSuffix(" Hz is not a whole multiple of \(Double(target)) Hz") == true)
  }

  @Test("A monitor's true rate stands for its nominal one", arguments: [(119.98, 1), (240.1, 2), (120, 1)])
  func trueRate(source: Double, factor: Int) throws {
    let sampling = node(["source_rate": .double(source), "target_rate": .int(120)])
    let configuration = try RecordingConfiguration(
      parent: node(["sampling": sampling]), session: nil, sessionName: "Rec")
    #expect(try configuration.downsamplingFactor() == factor)
  }

  /// What is wrong with a session's YAML.
  private func refusal(_ session: ConfigNode) throws -> Failure {
    try #require(throws: Failure.self) {
      try RecordingConfiguration(parent: nil, session: session, sessionName: "Rec")
    }
  }

  @Test("A setting of the wrong kind is named with the file in which it stands")
  func files() throws {
    let parent = ConfigNode.map([.init("seed", .string("five")), .init("train_val_split", .double(0.8))])
    func message(_ session: ConfigNode?) throws -> String {
      let failure = #expect(throws: Failure.self) {
        try RecordingConfiguration(
          parent: parent, session: session, sessionName: "Rec", files: ("all.yaml", "sessions/Rec.yaml"))
      }
      return try #require(failure).message
    }
    #expect(try message(nil) == "all.yaml: seed: an integer is expected, not text")
    #expect(
      try message(.map([.init("seed", .int(5)), .init("cids", .string("1-4"))]))
        == "sessions/Rec.yaml: cids: a list of integers is expected, not text")
    #expect(
      try message(.map([.init("session", .string("Other"))])).hasPrefix(
        "sessions/Rec.yaml: the YAML belongs to session"))
  }
}
