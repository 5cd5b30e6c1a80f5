import Base
import Formats
import Foundation
import TestSupport
import Testing

/// Values were read once with torch 2.13.
@Suite("Checkpoints")
struct CheckpointTests {
  private static let zoo = (try? FileManager.default.contentsOfDirectory(atPath: Fixtures.path("zoo")).sorted()) ?? []

  private static let models = zoo.filter { $0 != "README.md" }

  @Test("The zoo has at least 27 models")
  func zooIsThere() { #expect(Self.models.count >= 27 && Self.models.contains("ser_legacy")) }

  private func open(_ name: String) throws -> Checkpoint {
    try Checkpoint(path: Fixtures.path("zoo/\(name)/model.ckpt"))
  }

  @Test(
    "Every checkpoint of the zoo opens and all its tensors read as finite numbers",
    arguments: models)
  func zooOpens(_ name: String) throws {
    let checkpoint = try open(name)
    #expect(!checkpoint.arrayNames.isEmpty)
    #expect(checkpoint.unreadableNames.isEmpty)
    for array in checkpoint.arrayNames {
      let tensor = try checkpoint.tensor(array)
      #expect(tensor.shape == checkpoint.info(array)?.shape)
      #expect(tensor.values.allSatisfy { $0.isFinite }, "\(array)")
    }
    #expect(checkpoint.configuration?["model_type"]?.stringValue?.hasPrefix("v1") == true)
  }

  @Test(
    "The sum of all magnitudes is torch's, in each form of storage",
    arguments: [
      ("ser_bfloat16", 1392.3392997682095), ("ser_legacy", 1455.6066467691562),
      ("ser_shared_views", 1471.3458924266452),
      ("ser_compile_keys", 1375.2249465713103), ("learned_resnet_none_convgru_gaussian", 7401.67200152055),
    ])
  func sums(_ name: String, _ expected: Double) throws {
    let checkpoint = try open(name)
    var sum = 0.0
    for array in checkpoint.arrayNames { sum += try checkpoint.doubles(array).reduce(0) { $0 + abs($1) } }
    // Summation order differs from torch's.
    #expect(abs(sum - expected) < 1e-9 * expected)
  }

  @Test("bfloat16 weights are widened exactly")
  func bfloat16() throws {
    let tensor = try open("ser_bfloat16").tensor("readouts.0.mean")
    #expect(tensor.shape == [5, 2])
    #expect(Array(tensor.values.prefix(4)) == [1.9296875, 1.1015625, -1.6015625, -0.28515625])
  }

  @Test("A strided view with an offset reads its own elements")
  func views() throws {
    let checkpoint = try open("ser_shared_views")
    #expect(
      try Array(checkpoint.tensor("readouts.0.mean").values.prefix(4)) == [
        -0.41979050636291504, -0.6416316032409668, -1.8387348651885986, 1.7408242225646973,
      ])
    #expect(try checkpoint.tensor("readouts.0.features.weight").values.first == 12.086973190307617)
  }

  @Test("Rows of a view are the rows of the whole")
  func rows() throws {
    let checkpoint = try open("ser_shared_views")
    let whole = try checkpoint.tensor("readouts.0.features.weight")
    #expect(try checkpoint.tensor("readouts.0.features.weight", rows: 1..<3) == whole[rows: 1..<3])
  }

  @Test("Rows that are not there are refused")
  func rowsOutside() throws {
    let failure = #expect(throws: Failure.self) { try open("ser_legacy").tensor("readouts.0.mean", rows: 3..<9) }
    #expect(failure?.kind == .mismatch)
  }

  @Test("The prefixes of the Lightning module and of torch.compile are taken off")
  func prefixes() throws {
    #expect(try open("ser_compile_keys").arrayNames.first == "adapters.0.log_sigma")
    #expect(try open("ser_legacy").arrayNames.first == "adapters.0.log_sigma")
  }

  @Test("A checkpoint has its epoch, step, version, monitor and score")
  func training() throws {
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    #expect(checkpoint.epoch == 16)
    #expect(checkpoint.globalStep == 4250)
    #expect(checkpoint.lightningVersion == "2.6.6")
    #expect(checkpoint.monitor == "val_loss")
    #expect(checkpoint.score == 0.2644675076007843)
    #expect(checkpoint.arrayNames.count == 40)
    #expect(checkpoint.byteCount == 693_951)
  }

  @Test("The model's configuration is a tree that paths lead into")
  func configuration() throws {
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    #expect(checkpoint.configuration?.at("convnet.params.stem_config.conv_params.kernel_size")?.intList == [1, 5, 5])
    #expect(checkpoint.configuration?.at("frontend.params.aa_window_kwargs.power")?.doubleValue == 0.25)
    #expect(checkpoint.hyperParameters["lr"]?.doubleValue == 0.003)
    #expect(checkpoint.hyperParameters["pretrained_checkpoint"] == .null)
  }

  @Test("A pickled path is text")
  func paths() throws {
    let checkpoint = try open("learned_resnet_none_convgru_gaussian")
    #expect(
      checkpoint.hyperParameters["model_cfg"]?.stringValue
        == "/tmp/fix/zoo_tmp/learned_resnet_none_convgru_gaussian/config.yaml")
  }

  @Test("A checkpoint without a score has none")
  func noScore() throws { #expect(try open("ser_legacy").score == nil) }

  @Test("A name that no tensor has is missing, with the nearest one")
  func unknownName() throws {
    let failure = #expect(throws: Failure.self) { try open("ser_legacy").tensor("readouts.0.meen") }
    #expect(failure?.kind == .missing)
    #expect(failure?.hint == "did you mean `readouts.0.mean`?")
  }

  @Test("A stimulus that is opened as a checkpoint is refused, and the hint names what it is")
  func stimulus() throws {
    let failure = #expect(throws: Failure.self) {
      try Checkpoint(path: Fixtures.path("twin/Nova_2025-02-03/gaborium.dset"))
    }
    #expect(failure?.hint == "it is a recording's stimulus (.dset)")
  }

  @Test("The fingerprint follows the weights and not the name")
  func fingerprint() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let source = Fixtures.path("zoo/ser_bfloat16/model.ckpt")
    try FileManager.default.copyItem(atPath: source, toPath: folder + "/other.ckpt")
    #expect(try Checkpoint(path: source).fingerprint == Checkpoint(path: folder + "/other.ckpt").fingerprint)
    // The checksum of the last entry's directory record stands for its bytes.
    var data = try Data(contentsOf: URL(filePath: source))
    let record = try #require(data.range(of: Data([0x50, 0x4b, 1, 2]), options: .backwards))
    data[record.lowerBound + 16] ^= 1
    try data.write(to: URL(filePath: folder + "/changed.ckpt"))
    #expect(try Checkpoint(path: source).fingerprint != Checkpoint(path: folder + "/changed.ckpt").fingerprint)
  }

  @Test("A changed weight is found by its checksum when it is read")
  func damagedWeight() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var data = try Data(contentsOf: URL(filePath: Fixtures.path("zoo/ser_bfloat16/model.ckpt")))
    // The first storage's entry: behind its local header lies its name, behind that padding and the data.
    let name = try #require(data.range(of: Data("/data/10".utf8)))
    let place = (name.upperBound / 64 + 1) * 64
    data[place] ^= 1
    try data.write(to: URL(filePath: folder + "/a.ckpt"))
    let checkpoint = try Checkpoint(path: folder + "/a.ckpt")
    let failure = #expect(throws: Failure.self) {
      for name in checkpoint.arrayNames { _ = try checkpoint.tensor(name) }
    }
    #expect(failure?.kind == .format && failure?.message.contains("does not match its checksum") == true)
  }

  @Test("The canonical twin opens with the names of its 41 arrays", .enabled(if: Fixtures.hasShared))
  func canonical() throws {
    let checkpoint = try Checkpoint(path: Fixtures.shared("canonical/model.ckpt"))
    #expect(checkpoint.arrayNames.count == 41)
    #expect(checkpoint.byteCount == 17_344_418)
  }
}
