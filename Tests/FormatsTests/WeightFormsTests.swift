import Base
import Formats
import Foundation
import TestSupport
import Testing

/// Files made with torch 2.13, numpy and OmegaConf; the values in kinds.json are torch's own.
@Suite("Weights in many forms")
struct WeightFormsTests {
  private struct Expected: Decodable {
    struct Array: Decodable {
      var shape: [Int]
      var values: [Number?]
    }
    enum Number: Decodable {
      case value(Double)
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
          self = .value(text == "inf" ? .infinity : -.infinity)
        } else {
          self = .value(try container.decode(Double.self))
        }
      }
    }
    var read: [String: Array]
    var refused: [String: String]
  }

  private static func expected() throws -> Expected {
    try JSONDecoder().decode(Expected.self, from: Data(contentsOf: URL(filePath: Fixtures.path("cases/kinds.json"))))
  }

  private static let names = (try? expected().read.keys.sorted()) ?? []

  @Test("float8, sparse, negated and listed weights have torch's values", arguments: names)
  func values(_ name: String) throws {
    let checkpoint = try Checkpoint(path: Fixtures.path("cases/kinds.pt"))
    let expected = try #require(try Self.expected().read[name])
    #expect(checkpoint.info(name)?.shape == expected.shape)
    let values = try checkpoint.doubles(name)
    #expect(values.count == expected.values.count)
    for (value, wanted) in zip(values, expected.values) {
      if case .value(let wanted)? = wanted {
        #expect(Float(value) == Float(wanted), "\(name)")
      } else {
        #expect(value.isNaN, "\(name)")
      }
    }
    // Single precision takes the same way.
    let floats = try checkpoint.tensor(name).values
    #expect(floats.count == values.count)
    #expect(zip(floats, values).allSatisfy { $0 == Float($1) || $0.isNaN && $1.isNaN })
  }

  @Test("The file has 20 forms that are read")
  func forms() { #expect(Self.names.count == 20) }

  @Test("Weights that can't be read are listed, and the refusal names what they are")
  func refused() throws {
    let checkpoint = try Checkpoint(path: Fixtures.path("cases/kinds.pt"))
    let refused = try Self.expected().refused
    #expect(refused.count == 8 && Set(checkpoint.unreadableNames) == Set(refused.keys))
    for (name, what) in refused {
      let failure = try #require(checkpoint.obstacle(name))
      #expect(failure.kind == .unsupported && failure.message.contains("`\(name)`"), "\(name)")
      #expect(failure.message.contains(what), "\(failure.message)")
      #expect(throws: failure) { try checkpoint.tensor(name) }
    }
    #expect(checkpoint.obstacle("coo") == nil && checkpoint.obstacle("nothing") == nil)
  }

  // MARK: Names

  private static let plain = try? Checkpoint(path: Fixtures.path("cases/16-containers/box_bare_extra.pt")).arrayNames

  @Test(
    "Names of wrappers are taken off in any order, depth and place",
    arguments: [
      "05-wrapper-prefixes/prefix__forward_module.model.ckpt", "05-wrapper-prefixes/prefix__orig_mod.model.ckpt",
      "05-wrapper-prefixes/prefix_inner_checkpoint_wrapper.ckpt", "05-wrapper-prefixes/prefix_model.model.ckpt",
      "05-wrapper-prefixes/prefix_model.module.ckpt", "05-wrapper-prefixes/prefix_module._orig_mod.ckpt",
      "prefix_fsdp.ckpt", "both_compiled.ckpt", "swa_avgmodel.pt",
    ])
  func wrappers(_ file: String) throws {
    let names = try Checkpoint(path: Fixtures.path("cases/\(file)")).arrayNames
    #expect(names.count == 19)
    #expect(names == Self.plain)
  }

  @Test("A prefix of another kind is taken off where it is named, with or without its dot")
  func prefix() throws {
    let path = Fixtures.path("cases/prefix_net.ckpt")
    #expect(try Checkpoint(path: path).arrayNames.allSatisfy { $0.hasPrefix("net.") })
    for prefix in ["net.", "net"] {
      #expect(try Checkpoint(path: path, selection: WeightSelection(prefix: prefix)).arrayNames == Self.plain)
    }
    let failure = #expect(throws: Failure.self) {
      try Checkpoint(path: path, selection: WeightSelection(prefix: "core."))
    }
    #expect(failure?.hint == "names begin with `net.`")
  }

  @Test("Where only some names have a prefix, the others lose the names of wrappers as without it")
  func mixedPrefix() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func array(_ name: String, _ value: Float) -> NamedArray { NamedArray(name, shape: [1], values: .float32([value])) }
    let path = folder + "/w.safetensors"
    try SafetensorsWriter.write(
      [
        array("net.a.weight", 1), array("module.net.b.weight", 2), array("model.c.weight", 3), array("d.weight", 4),
        array("model.a.weight", 5),
      ], to: path)
    let checkpoint = try Checkpoint(path: path, selection: WeightSelection(prefix: "net."))
    #expect(
      Set(checkpoint.arrayNames) == ["a.weight", "b.weight", "c.weight", "d.weight", "model.a.weight"],
      "\(checkpoint.arrayNames)")
    #expect(try checkpoint.doubles("a.weight") == [1] && checkpoint.doubles("model.a.weight") == [5])
  }

  @Test("A prefix selects one of two models in a file, and what it leaves takes no name of a selected weight")
  func twoModels() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func names(_ values: [String: Float], prefix: String) throws -> [String: Double] {
      let path = folder + "/\(UUID().uuidString).safetensors"
      try SafetensorsWriter.write(
        values.sorted { $0.key < $1.key }.map { NamedArray($0.key, shape: [1], values: .float32([$0.value])) }, to: path
      )
      let checkpoint = try Checkpoint(path: path, selection: WeightSelection(prefix: prefix))
      return try Dictionary(
        uniqueKeysWithValues: checkpoint.arrayNames.map { ($0, try checkpoint.doubles($0).first ?? .nan) })
    }
    // The bare names are those of the selected weights: they are another model.
    #expect(try names(["a.w": 1, "net.a.w": 2], prefix: "net.") == ["a.w": 2])
    #expect(try names(["a.w": 1, "model.a.w": 2], prefix: "model.") == ["a.w": 2])
    #expect(try names(["model.a.w": 1, "net.a.w": 2], prefix: "net.") == ["a.w": 2, "model.a.w": 1])
    // Half of the names have the prefix, and all have a wrapper's name.
    #expect(try names(["model.b.w": 1, "net.model.a.w": 2], prefix: "net.") == ["a.w": 2, "b.w": 1])
    // The prefix as it stands in the file goes before one behind a wrapper's name.
    #expect(try names(["module.net.a.w": 1, "net.a.w": 2], prefix: "net.")["a.w"] == 2)
    #expect(try names(["module.net.a.w": 1, "net.a.w": 2], prefix: "module.net.")["a.w"] == 1)
    // The remedy separates the two, and is not the prefix that was given.
    let failure = #expect(throws: Failure.self) { try names(["net.a.w": 1, "net.model.a.w": 2], prefix: "net.") }
    #expect(failure?.hint == "--prefix takes those that begin with it: --prefix net.model.")
    #expect(try names(["net.a.w": 1, "net.model.a.w": 2], prefix: "net.model.")["a.w"] == 2)
  }

  @Test("Two different tensors of one name are refused with the prefixes that separate them")
  func collision() throws {
    let path = Fixtures.path("cases/both_differ.ckpt")
    let failure = #expect(throws: Failure.self) { try Checkpoint(path: path) }
    #expect(failure?.hint?.contains("--prefix model. or --prefix module.") == true)
    let name = "readouts.0.bias"
    let one = try Checkpoint(path: path, selection: WeightSelection(prefix: "model.")).doubles(name)
    let other = try Checkpoint(path: path, selection: WeightSelection(prefix: "module.")).doubles(name)
    #expect(!one.isEmpty && one.count == other.count && zip(one, other).allSatisfy { abs($1 - $0 - 1) < 1e-6 })
  }

  // MARK: Sets of weights

  @Test(
    "Weights are found in every container, and each set of them by its name",
    arguments: [
      ("16-containers/box_module.pt", "module", []), ("16-containers/box_net.pt", "net", []),
      ("16-containers/box_bare_extra.pt", "(all)", []),
      ("23-averaged-weights/box_callback_ema.ckpt", "state_dict", ["callbacks.EMA.ema_state_dict"]),
      ("23-averaged-weights/box_lightning_ema.ckpt", "state_dict", ["current_model_state"]),
      ("ema_inside.ckpt", "state_dict", ["state_dict.ema_model"]),
    ])
  func sets(_ file: String, _ main: String, _ others: [String]) throws {
    let checkpoint = try Checkpoint(path: Fixtures.path("cases/\(file)"))
    #expect(checkpoint.weights.name == main)
    #expect(checkpoint.otherWeights.map(\.name) == others)
    #expect(checkpoint.arrayNames == Self.plain)
    for other in others {
      let second = try Checkpoint(path: checkpoint.path, selection: WeightSelection(set: other))
      #expect(second.arrayNames == Self.plain && second.weights.name == other)
      let name = "readouts.0.bias"
      #expect(try second.doubles(name) != checkpoint.doubles(name))
    }
  }

  @Test("Averaged weights are known as such, whichever of two sets they are")
  func averages() throws {
    func isAveraged(_ file: String) throws -> [Bool] {
      let checkpoint = try Checkpoint(path: Fixtures.path("cases/\(file)"))
      return [checkpoint.weights.isAveraged] + checkpoint.otherWeights.map(\.isAveraged)
    }
    #expect(try isAveraged("23-averaged-weights/box_callback_ema.ckpt") == [false, true])
    #expect(try isAveraged("23-averaged-weights/box_lightning_ema.ckpt") == [true, false])
    #expect(try isAveraged("ema_inside.ckpt") == [false, true])
    #expect(try isAveraged("swa_avgmodel.pt") == [true])
    #expect(try isAveraged("05-wrapper-prefixes/prefix_model.model.ckpt") == [false])
  }

  @Test("A set that does not exist is refused, and the hint names those that do")
  func missingSet() throws {
    let failure = #expect(throws: Failure.self) {
      try Checkpoint(path: Fixtures.path("cases/ema_inside.ckpt"), selection: WeightSelection(set: "swa"))
    }
    #expect(failure?.hint == "it has `state_dict`, `state_dict.ema_model`")
  }

  // MARK: Configurations

  private static let settings: ConfigNode = .map([
    .init("model_type", .string("v1multi")), .init("sampling_rate", .int(120)),
    .init("frontend", .map([.init("type", .string("da")), .init("params", .map([]))])),
    .init(
      "convnet",
      .map([
        .init("channels", .list([.int(5), .int(7)])), .init("dropout", .double(0.5)), .init("causal", .bool(true)),
      ])), .init("readout", .map([.init("type", .string("gaussian"))])),
  ])

  @Test(
    "One configuration reads the same from every form in which it is saved",
    arguments: ["plain", "json", "yaml", "omegaconf", "numpy", "tensors", "namespace", "objects", "attributes"])
  func configuration(_ form: String) throws {
    #expect(try Checkpoint(path: Fixtures.path("cases/form_\(form).pt")).storedConfiguration() == Self.settings)
  }

  @Test("References of OmegaConf to other settings are followed")
  func references() throws {
    let node = try #require(try Checkpoint(path: Fixtures.path("cases/form_references.pt")).storedConfiguration())
    #expect(node["sampling_rate"] == .int(120))
    #expect(node.at("readout.type") == .string("gaussian"))
  }

  @Test("A safetensors file gives its weights, and the configuration of its metadata")
  func safetensors() throws {
    let folder = "cases/07-weights-without-configuration/"
    let bare = try Checkpoint(path: Fixtures.path(folder + "weights.safetensors"))
    #expect(try bare.storedConfiguration() == nil)
    let checkpoint = try Checkpoint(path: Fixtures.path(folder + "weights_cfg.safetensors"))
    #expect(try checkpoint.storedConfiguration()?["model_type"] == .string("v1multi"))
    let plain = try #require(Self.plain)
    #expect(plain.count == 19 && Set(checkpoint.arrayNames) == Set(plain))
    let torch = try Checkpoint(path: Fixtures.path(folder + "box_bare.pt"))
    for name in checkpoint.arrayNames { #expect(try checkpoint.doubles(name) == torch.doubles(name)) }
  }
}
