import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("What stands beside tensors in files of torch.save")
struct LooseContentTests {
  private func written<T>(_ value: PythonValue, _ read: (String) throws -> T) throws -> T {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try TorchWriter.write(value, to: folder + "/a.pt")
    return try read(folder + "/a.pt")
  }

  /// A tensor of 4 frames.
  private func frames() throws -> PythonValue {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try NpzWriter.write([NamedArray("k", Tensor(shape: [4, 1], values: [1, 0, 2, 0]))], to: folder + "/k.npz")
    return .tensor(try #require(try TorchTensor("k", of: NpzArchive(path: folder + "/k.npz"))))
  }

  /// The numbers that a covariate becomes.
  private func read(_ name: String, _ value: PythonValue) throws -> [Int] {
    try withDataset(name, value) { try $0.integers(name) }
  }

  private func dataset(_ name: String, _ value: PythonValue) throws -> DictDataset {
    try withDataset(name, value) { $0 }
  }

  private func withDataset<T>(_ name: String, _ value: PythonValue, _ use: (DictDataset) throws -> T) throws -> T {
    let covariates: [(key: PythonValue, value: PythonValue)] = [
      (.string("robs"), try frames()), (.string(name), value),
    ]
    return try written(.dict([(.string("covariates"), .dict(covariates))])) { try use(DictDataset(path: $0)) }
  }

  @Test("Trials that are named by text are numbered in the order in which they first appear, with a remark")
  func textTrials() throws {
    let texts = ["b", "b", "a", "b"].map { PythonValue.string($0) }
    let dataset = try dataset("trial_inds", .list(texts))
    #expect(dataset.arrayNames == ["robs", "trial_inds"] && dataset.info("trial_inds")?.shape == [4])
    #expect(dataset.remarks.count == 1 && dataset.remarks.allSatisfy { $0.contains("its 2 labels are numbered") })
    #expect(try read("trial_inds", .list(texts)) == [0, 0, 1, 0])
  }

  @Test("A covariate that is no tensor is left out with a remark; counts are not, and the remedy is named")
  func otherCovariates() throws {
    let noted = try dataset("notes", .string("the monitor was dim"))
    #expect(
      noted.arrayNames == ["robs"] && noted.remarks.contains { $0.contains("`notes` is text, no tensor: not used") })
    let failure = #expect(throws: Failure.self) { try dataset("stim", .list([.int(1), .int(2), .int(3), .int(4)])) }
    #expect(failure?.message.contains("`stim`") == true && failure?.hint?.contains("torch.tensor") == true)
  }

  private func configuration(_ entries: [ConfigNode.Entry]) throws -> ConfigNode? {
    let settings = ConfigNode.map([.init("model_config_dict", .map(entries))])
    return try written(
      .dict([
        (.string("state_dict"), .orderedDict([(key: "readout.w", value: try frames())])),
        (.string("hyper_parameters"), PythonValue(settings)),
      ])
    ) { try Checkpoint(path: $0).storedConfiguration() }
  }

  @Test("References of OmegaConf are resolved: from the root, beside the setting, above it, and within text")
  func references() throws {
    let node = try #require(
      try configuration([
        .init("model_type", .string("v${.version}")), .init("version", .int(1)), .init("width", .int(8)),
        .init(
          "convnet",
          .map([
            .init("size", .int(5)), .init("beside", .string("${.size}")), .init("above", .string("${..width}")),
            .init("root", .string("${model_config_dict.width}")), .init("chain", .string("${.beside}")),
            .init("text", .string("a${.size}-${..width}")), .init("unknown", .string("${.none}")),
            .init("own", .string("${.own}")), .init("escaped", .string("\\${.size}")),
          ])),
      ]))
    #expect(node["model_type"] == .string("v1"))
    let convnet = try #require(node["convnet"])
    #expect(convnet["beside"] == .int(5) && convnet["above"] == .int(8) && convnet["root"] == .int(8))
    #expect(convnet["chain"] == .int(5) && convnet["text"] == .string("a5-8"))
    for (key, text) in [("unknown", "${.none}"), ("own", "${.own}"), ("escaped", "\\${.size}")] {
      #expect(convnet[key] == .string(text), "\(key)")
    }
  }
}
