import Base
import Foundation
import TestSupport
import Testing
import Workspace

@Suite("Opening")
struct OpeningTests {
  @Test("A checkpoint is known by content, its sessions by the YAML beside it")
  func opensCheckpoint() throws {
    let shell = try Shell(opened: false)
    let record = try shell.record("open \(Shell.template)/checkpoints/twin.ckpt as twin")
    #expect(record["kind"] == .string("twin"))
    #expect(record["sessions"] == .string("Sim_2025-01-10, Sim_2025-01-17"))
  }

  @Test("A checkpoint's ending does not matter, its content does")
  func endingDoesNotMatter() throws {
    let shell = try Shell(opened: false)
    let path = shell.folder + "/weights.bin"
    try FileManager.default.copyItem(atPath: Fixtures.path("zoo/ser_legacy/model.ckpt"), toPath: path)
    #expect(try shell.record("open \(path) as legacy")["kind"] == .string("twin"))
  }

  @Test("Opening the same file again under the same name changes nothing")
  func openingAgain() throws {
    let shell = try Shell()
    try shell.run("freeze twin core")
    let before = try shell.session.workspace.lookup("twin")
    #expect(try shell.record("open \(Shell.template)/checkpoints/twin.ckpt as twin")["status"] == .string("unchanged"))
    #expect(try shell.session.workspace.lookup("twin") == before)
  }

  @Test("A taken name is refused with the way out")
  func takenName() throws {
    let shell = try Shell()
    let failure = try shell.failure("open \(Shell.template)/recordings/Nova_2025-02-03 as sim")
    #expect(failure.kind == .conflict)
    #expect(failure.hint?.contains("--replace") == true)
    let replaced = try shell.record("open \(Shell.template)/recordings/Nova_2025-02-03 as sim --replace")
    #expect(replaced["session"] == .string("Nova_2025-02-03"))
  }

  @Test("A missing file gets the one that was probably meant")
  func missingFile() throws {
    let shell = try Shell(opened: false)
    let failure = try shell.failure("open \(Shell.template)/checkpoints/twn.ckpt as twin")
    #expect(failure.kind == .missing)
    #expect(failure.message.contains("twn.ckpt"))
    #expect(failure.hint?.contains("twin.ckpt") == true)
    #expect(try shell.names().isEmpty)
  }

  @Test("A truncated checkpoint is refused by name, and nothing is kept")
  func truncatedCheckpoint() throws {
    let shell = try Shell(opened: false)
    let whole = try Data(contentsOf: URL(filePath: Shell.template + "/checkpoints/twin.ckpt"))
    let path = shell.folder + "/cut.ckpt"
    try whole.prefix(whole.count / 2).write(to: URL(filePath: path))
    let failure = try shell.failure("open \(path) as twin")
    #expect(failure.kind == .format)
    #expect(failure.message.contains("cut.ckpt"))
    #expect(try shell.names().isEmpty)
  }

  @Test("Cids that do not fit are reported by session with both counts")
  func cidsThatDoNotFit() throws {
    let shell = try Shell(opened: false)
    let yaml = shell.folder + "/datasets.yaml"
    try Data("- session: Sim_2025-01-10\n  cids: [0, 1, 2]\n- session: Sim_2025-01-17\n".utf8).write(
      to: URL(filePath: yaml))
    let failure = try shell.failure("open \(Shell.template)/checkpoints/twin.ckpt as twin --config \(yaml)")
    #expect(failure.message.contains("Sim_2025-01-10: yaml 3 cells, checkpoint 24"))
  }

  @Test("An unknown layer is named with its place in the configuration")
  func unknownLayer() throws {
    let shell = try Shell(opened: false)
    // The option's name inside the pickle, replaced by another of the same length; the CRC in the directory follows.
    let path = shell.folder + "/odd.ckpt"
    try Zip.replace(
      Data("splitrelu".utf8), with: Data("splitrelX".utf8), in: Shell.template + "/checkpoints/twin.ckpt", to: path)
    let failure = try shell.failure("open \(path) as twin")
    #expect(failure.kind == .unsupported)
    #expect(failure.message.contains("act_type"))
    #expect(failure.message.contains("splitrelX"))
  }

  @Test("A file that changed since it was opened is an error, not another number")
  func changedFile() throws {
    let shell = try Shell(opened: false)
    let path = shell.folder + "/twin.ckpt"
    try FileManager.default.copyItem(atPath: Shell.template + "/checkpoints/twin.ckpt", toPath: path)
    try shell.run("open \(path) as twin")
    try shell.run("show twin")
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(
      atPath: Fixtures.path("zoo/learned_resnet_none_convgru_gaussian/model.ckpt"), toPath: path)
    // The shell has the old file open already: it must notice.
    let failure = try shell.failure("show twin")
    #expect(failure.message.contains("has changed since it was opened"))
    #expect(failure.hint?.contains("--replace") == true)
  }

  @Test("Renaming and dropping")
  func renamingAndDropping() throws {
    let shell = try Shell()
    try shell.run("rename sim s1; drop nova")
    #expect(try shell.names() == ["s1", "twin"])
    #expect(try shell.failure("rename s1 twin").kind == .conflict)
    #expect(try shell.failure("drop nov").hint == "`ls` lists what there is")
    #expect(try shell.failure("show twn").hint == "did you mean `twin`?")
  }

  @Test("Files that vcsh does not open are refused with what it opens")
  func otherFiles() throws {
    let shell = try Shell(opened: false)
    let path = shell.folder + "/notes.txt"
    try Data("hello".utf8).write(to: URL(filePath: path))
    #expect(try shell.failure("open \(path)").hint?.contains(".dset") == true)
    let empty = shell.folder + "/empty"
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    #expect(try shell.failure("open \(empty)").message.contains("no `.dset` file"))
  }
}
