import Base
import Formats
import Foundation
import TestSupport
import Testing
import Workspace

@Suite("Twins as Lightning checkpoints")
struct CheckpointExportTests {
  private static let zoo: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: Fixtures.path("zoo"))) ?? []
    return names.sorted().filter { FileManager.default.fileExists(atPath: Fixtures.path("zoo/\($0)/io.npz")) }
  }()

  /// A Python with torch: the one that VCSH_TORCH_PYTHON names.
  static let python: String? = {
    guard let path = ProcessInfo.processInfo.environment["VCSH_TORCH_PYTHON"] else { return nil }
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }()

  /// Both files have the same weights to the bit, under the same names in the same order.
  private func expectSame(_ a: Checkpoint, _ b: Checkpoint) throws {
    #expect(a.arrayNames == b.arrayNames)
    for name in a.arrayNames {
      #expect(a.info(name) == b.info(name), "\(name)")
      #expect(try TorchTensor(name, of: a) == TorchTensor(name, of: b), "\(name)")
    }
  }

  @Test(
    "A checkpoint that was opened and exported has the same keys, order, types, bits and configuration", arguments: zoo)
  func unchanged(name: String) throws {
    let shell = try Shell(opened: false)
    let folder = Fixtures.path("zoo/\(name)")
    try shell.run("open \(folder)/model.ckpt as t --config \(folder)/datasets.yaml")
    try shell.run("export t \(shell.folder)/out.ckpt; open \(shell.folder)/out.ckpt as again")
    let (before, after) = (
      try Checkpoint(path: "\(folder)/model.ckpt"), try Checkpoint(path: "\(shell.folder)/out.ckpt")
    )
    try expectSame(before, after)
    #expect(before.fileNames == after.fileNames)
    #expect(before.configuration == after.configuration)
    #expect(before.epoch == after.epoch && before.globalStep == after.globalStep)
    let changed: Set = ["cfg_dir", "model_cfg", "vcsh_lineage"]
    for entry in before.hyperParameters.mapValue ?? [] where !changed.contains(entry.key) {
      #expect(after.hyperParameters[entry.key] == entry.value, "\(entry.key)")
    }
    #expect(after.hyperParameters["vcsh_lineage"]?["twin"] == .string("t"))
    let keys = try TorchArchive(path: "\(shell.folder)/out.ckpt").root.entries?.compactMap(\.key.stringValue)
    #expect(try keys == TorchArchive(path: "\(folder)/model.ckpt").root.entries?.compactMap(\.key.stringValue))
    // Sessions and cids come from the YAML beside it.
    #expect(try shell.heads("again") == shell.heads("t"))
  }

  @Test("safetensors round-trips to the bit, configuration and cids included", arguments: zoo)
  func safetensors(name: String) throws {
    let shell = try Shell(opened: false)
    let folder = Fixtures.path("zoo/\(name)")
    try shell.run("open \(folder)/model.ckpt as t --config \(folder)/datasets.yaml")
    try shell.run("export t \(shell.folder)/out.safetensors; open \(shell.folder)/out.safetensors as again")
    let (before, after) = (
      try Checkpoint(path: "\(folder)/model.ckpt"), try Checkpoint(path: "\(shell.folder)/out.safetensors")
    )
    try expectSame(before, after)
    #expect(try shell.heads("again") == shell.heads("t"))
    #expect(try shell.table("diff t again --tensors | where changed > 0").rowCount == 0)
  }

  @Test("Beside safetensors stands the model's YAML, edits included, which a twin and an untrained one are built from")
  func modelYAML() throws {
    let shell = try Shell()
    let stem = "\(shell.folder)/late"
    try shell.run("edit twin as late --set frontend.params.lag_mask=2; export late \(stem).safetensors")
    #expect(shell.allNotes.contains("wrote \(stem)_model.yaml"))
    let yaml = try YAMLDocument.read(path: "\(stem)_model.yaml")
    #expect(yaml["frontend"]?["params"]?["lag_mask"]?.intValue == 2)
    let tensors = try Checkpoint(path: "\(stem).safetensors")
    #expect(yaml["model_type"] == tensors.configuration?["model_type"] && yaml["regularization"] != nil)
    try shell.run("open \(stem).safetensors as again --model \(stem)_model.yaml")
    #expect(try shell.table("diff late again --tensors | where changed > 0").rowCount == 0)
    let data = Shell.template + "/checkpoints/multi_sim_120_backimage.yaml"
    try shell.run("new \(stem)_model.yaml --data \(data) --seed 4 as fresh")
    #expect(try shell.table("diff late fresh --configuration").rowCount == 0)
    // The same again changes nothing; another model would change what `again` is read from.
    try shell.run("export late \(stem).safetensors")
    #expect(try YAMLDocument.read(path: "\(stem)_model.yaml") == yaml)
  }

  @Test("A YAML of somebody else in the place of a model's, and one that an object reads, are not replaced")
  func foreignModelYAML() throws {
    let shell = try Shell()
    let (tensors, yaml) = ("\(shell.folder)/own.safetensors", "\(shell.folder)/own_model.yaml")
    try "model_type: mine\n".write(toFile: yaml, atomically: true, encoding: .utf8)
    let foreign = try shell.failure("export twin \(tensors)")
    #expect(foreign.kind == .conflict && foreign.message.hasPrefix("\(yaml) is there already"), "\(foreign.message)")
    #expect(try String(contentsOfFile: yaml, encoding: .utf8) == "model_type: mine\n")
    #expect(!FileManager.default.fileExists(atPath: tensors))
    try FileManager.default.removeItem(atPath: yaml)
    let other = "\(shell.folder)/other.safetensors"
    try shell.run("export twin \(tensors); export twin \(other); open \(other) as reader --model \(yaml)")
    try shell.run("edit twin as late --set frontend.params.lag_mask=2")
    let read = try shell.failure("export late \(tensors)")
    #expect(
      read.kind == .conflict && read.message == "\(yaml) is the file that `reader` is read from", "\(read.message)")
    try shell.run("drop reader; export late \(tensors)")
    #expect(try YAMLDocument.read(path: yaml)["frontend"]?["params"]?["lag_mask"]?.intValue == 2)
  }

  @Test("A twin with a new head keeps the head in its place, with its session, cids and predictions")
  func newHead() throws {
    let shell = try Shell()
    try shell.run("refit twin readout on nova/backimage as grown --starts 1 --l2 0.003")
    try shell.run("export grown \(shell.folder)/grown.ckpt; open \(shell.folder)/grown.ckpt as again")
    #expect(try shell.heads("again") == shell.heads("grown"))
    let names = try Checkpoint(path: "\(shell.folder)/grown.ckpt").arrayNames
    let places = ["readouts.1.features.weight", "readouts.2.features.weight"].compactMap(names.firstIndex)
    #expect(places.count == 2 && places[0] < places[1])
    #expect(
      try shell.table("eval again on nova/backimage").columns == shell.table("eval grown on nova/backimage").columns)
    let parent = try YAMLDocument.read(path: "\(shell.folder)/grown.yaml")
    #expect(parent["types"] == .list([.string("backimage")]) && parent["sessions"]?.listValue?.count == 3)
    #expect(shell.allNotes.contains("the optimiser's state is left out"))
    let state = try #require(try TorchArchive(path: "\(shell.folder)/grown.ckpt").root["optimizer_states"]?.items)
    #expect(state.isEmpty)
  }

  @Test("An untrained twin is exported, and the file that a twin is read from is not overwritten")
  func untrained() throws {
    let shell = try Shell()
    let folder = Shell.template + "/checkpoints"
    try shell.run("new \(folder)/twin.ckpt --data \(folder)/multi_sim_120_backimage.yaml --seed 4 as fresh")
    try shell.run("export fresh \(shell.folder)/fresh.ckpt; open \(shell.folder)/fresh.ckpt as again")
    #expect(try shell.table("diff fresh again --tensors | where changed > 0").rowCount == 0)
    #expect(try shell.heads("again") == shell.heads("fresh"))
    let kept = try Checkpoint(path: "\(shell.folder)/fresh.ckpt")
    #expect(kept.fileNames["readouts.0.bias"] == "model.readouts.0.bias")
    let failure = try shell.failure("export again \(shell.folder)/fresh.ckpt")
    #expect(failure.message.contains("is the file that `again` is read from"))
  }

  @Test("An export replaces its own files, and neither a file that another object reads nor YAML of somebody else")
  func overwriting() throws {
    let shell = try Shell()
    let path = "\(shell.folder)/out.ckpt"
    try shell.run("export twin \(path); open \(path) as again")
    #expect(shell.allNotes.contains("wrote \(shell.folder)/out.yaml and, in \(shell.folder)/out_sessions, Sim_"))
    try shell.run("export twin \(path)")
    try shell.run("edit twin as late --set frontend.params.lag_mask=2")
    let read = try shell.failure("export late \(path)")
    #expect(read.kind == .conflict && read.message.contains("is the file that `again` is read from"))
    for name in ["model.yaml", "other_sessions/Sim_2025-01-17.yaml"] {
      let own = "\(shell.folder)/\(name)"
      try FileManager.default.createDirectory(
        atPath: (own as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try "session: mine\ncids: [1]\n".write(toFile: own, atomically: true, encoding: .utf8)
      let stem = String(name.prefix { !"._".contains($0) })
      let failure = try shell.failure("export late \(shell.folder)/\(stem).ckpt")
      #expect(failure.kind == .conflict && failure.message.hasPrefix("\(own) is there already"), "\(failure.message)")
      #expect(try String(contentsOfFile: own, encoding: .utf8) == "session: mine\ncids: [1]\n")
      #expect(!FileManager.default.fileExists(atPath: "\(shell.folder)/\(stem).ckpt"))
    }
  }

  @Test("torch loads it with weights_only, and finds every tensor", .enabled(if: python != nil))
  func torch() throws {
    let shell = try Shell()
    try shell.run("train twin on sim/gaborium as tuned --steps 2 --batch-size 8")
    try shell.run("export tuned \(shell.folder)/tuned.ckpt")
    let code = """
      import sys, torch
      out = torch.load(sys.argv[1], weights_only=True)
      ref = torch.load(sys.argv[2], weights_only=False)
      assert list(out) == list(ref), list(out)
      assert list(out["state_dict"]) == list(ref["state_dict"])
      for name, value in ref["state_dict"].items():
          assert out["state_dict"][name].shape == value.shape and out["state_dict"][name].dtype == value.dtype, name
      assert out["hyper_parameters"]["model_config_dict"] == ref["hyper_parameters"]["model_config_dict"]
      """
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.python))
    process.arguments = ["-c", code, shell.folder + "/tuned.ckpt", Shell.template + "/checkpoints/twin.ckpt"]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}

extension Shell {
  /// Session and cids of a twin's heads.
  fileprivate func heads(_ name: String) throws -> [TwinPayload.Head] {
    let payload = try #require(try session.workspace.lookup(name)?.payload as? TwinPayload)
    return payload.heads.map { TwinPayload.Head(session: $0.session, cids: $0.cids) }
  }
}
