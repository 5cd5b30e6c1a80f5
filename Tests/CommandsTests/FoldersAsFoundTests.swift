import Base
import Foundation
import TestSupport
import Testing
import Workspace

/// Folders of recordings and of checkpoints as people have them.
@Suite("Folders as they are found")
struct FoldersAsFoundTests {
  /// A recording of one stimulus with four cells.
  private func recording(_ shell: Shell, rate: Double = 120, sourceRate: String = "120") throws -> String {
    let folder = shell.folder + "/data-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder + "/Zoo_1", withIntermediateDirectories: true)
    try stimulus(rate: rate, frames: 40).write(to: folder + "/Zoo_1/noise.dset")
    let lines = [
      "types: [noise]", "sessions: [Zoo_1]", "sampling: {source_rate: \(sourceRate), target_rate: 120}",
      "keys_lags: {robs: 0, stim: [0, 1]}",
    ]
    try lines.joined(separator: "\n").write(toFile: folder + "/multi.yaml", atomically: true, encoding: .utf8)
    return folder + "/Zoo_1"
  }

  private func stimulus(rate: Double, frames: Int) -> DatasetWriter {
    DatasetWriter(
      session: "Zoo_1", rateHz: rate,
      covariates: [
        .init(
          "stim", shape: [frames, 4, 4], float: (0..<frames * 16).map { (index: Int) -> Float in Float(index % 255) }),
        .init("robs", shape: [frames, 4], float: (0..<frames * 4).map { (index: Int) -> Float in Float(index % 3) }),
        .init("trial_inds", shape: [frames], int64: (0..<frames).map { (index: Int) -> Int64 in Int64(index / 10) }),
      ])
  }

  @Test("Of two files of one stimulus the one that ends in .dset opens, and a note names the other")
  func namesakes() throws {
    let shell = try Shell(opened: false)
    let folder = try recording(shell)
    try stimulus(rate: 120, frames: 50).write(to: folder + "/noise.DSET")
    #expect(try shell.record("open \(folder) as s")["stimuli"] == .string("noise (40 frames)"))
    #expect(shell.allNotes.contains("noise.DSET: it has the name of the stimulus in noise.dset"))
    #expect(try shell.session.loadStimulus("s/noise").stimulus.frameCount == 40)
  }

  @Test("The remedy for another rate is the YAML's where the file's number is that rate in another unit")
  func likelyRate() throws {
    let shell = try Shell(opened: false)
    for rate in [0.12, 8.333, 1.0 / 120] {
      let failure = try shell.failure("open \(try recording(shell, rate: rate)) as s")
      #expect(failure.hint?.hasSuffix("e.g. --rate 120") == true, "\(failure.hint ?? "")")
    }
    #expect(try shell.failure("open \(try recording(shell, rate: 60)) as s").hint?.hasSuffix("--rate 60") == true)
  }

  @Test("A rate of 0 in the YAML is named as it stands there")
  func zeroRate() throws {
    let shell = try Shell(opened: false)
    let failure = try shell.failure("open \(try recording(shell, sourceRate: "0")) as s")
    #expect(failure.message.contains("sampling.source_rate: a rate above 0 is expected, not 0"), "\(failure.message)")
  }

  @Test("A second file behind the first is not taken for a name")
  func secondFile() throws {
    let shell = try Shell(opened: false)
    for second in ["b.ckpt", "runs/b"] {
      let hint = try shell.failure("open a.ckpt \(second)").hint
      #expect(hint?.hasPrefix("`open` takes one at a time: `open \(second)`") == true, "\(hint ?? "")")
    }
    #expect(try shell.failure("open a.ckpt b").hint == "did you mean `… as b`?")
  }

  @Test("Weights in a folder within a folder are named, and a recording goes before them")
  func inner() throws {
    let shell = try Shell(opened: false)
    let folder = shell.folder + "/unzipped"
    try FileManager.default.createDirectory(atPath: folder + "/model/data", withIntermediateDirectories: true)
    for name in ["data.pkl", "version", "data/0"] { try Data([1]).write(to: URL(filePath: "\(folder)/model/\(name)")) }
    #expect(try shell.failure("open \(folder) as t").hint?.contains("zip -0 -r model.ckpt model") == true)
    try FileManager.default.createDirectory(atPath: folder + "/Zoo_1", withIntermediateDirectories: true)
    try stimulus(rate: 120, frames: 40).write(to: folder + "/Zoo_1/noise.dset")
    #expect(try shell.failure("open \(folder) as t").hint == "open one of the recordings in it: `open \(folder)/Zoo_1`")
  }

  @Test("The directory of a distributed checkpoint is refused as its folder is")
  func directoryFile() throws {
    let shell = try Shell(opened: false)
    let folder = shell.folder + "/dcp"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // An object of torch.distributed, and STOP.
    try Data(
      "\u{80}\u{2}ctorch.distributed.checkpoint.metadata\nMetadata\n)\u{81}.".unicodeScalars.map { UInt8($0.value) }
    )
    .write(to: URL(filePath: folder + "/.metadata"))
    try Data([1]).write(to: URL(filePath: folder + "/__0_0.distcp"))
    for path in [folder + "/.metadata", folder + "/__0_0.distcp"] {
      #expect(try shell.failure("open \(path) as t").hint?.contains("format_utils dcp_to_torch \(folder)") == true)
    }
  }

  @Test("A run whose checkpoint is a pointer says so")
  func pointerInRun() throws {
    let shell = try Shell(opened: false)
    let folder = shell.folder + "/run"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 12345\n".utf8)
      .write(to: URL(filePath: folder + "/last.ckpt"))
    let table = try shell.table("open \(folder) as r")
    #expect(table["note"]?[0].plainText.contains("last.ckpt is a Git LFS pointer") == true, "\(table.names)")
  }
}
