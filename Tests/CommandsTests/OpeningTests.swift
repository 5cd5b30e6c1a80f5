import Base
import Formats
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

  @Test("`show` of a recording counts the spikes that its mean rate is made of")
  func shownRate() throws {
    let shell = try Shell()
    guard case .report(let report) = try shell.run("show sim"),
      case .table(let stimuli)? = report.sections.last?.body
    else {
      Issue.record("no report")
      return
    }
    let (spikes, bins) = (try stimuli.known("spikes"), try stimuli.known("valid_bins"))
    for (row, rate) in try stimuli.known("mean_rate_hz").enumerated() {
      #expect(abs(spikes[row] / bins[row] * 120 - rate) <= 1e-9 * rate)
    }
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

  @Test("A mistyped file of the workspace is told at its place, with the one that was meant, from any folder")
  func missingInWorkspace() throws {
    let shell = try Shell(opened: false)
    let folder = shell.session.workspace.root + "/weights"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data([0]).write(to: URL(filePath: folder + "/first.ckpt"))
    let failure = try shell.failure("open weights/frist.ckpt as twin")
    #expect(failure.hint == "did you mean `\(folder)/first.ckpt`?")
    #expect(failure.span?.column == 6)
  }

  @Test("Standard input is no file that can be opened, and says so")
  func standardInput() throws {
    let failure = try Shell(opened: false).failure("open - as t")
    #expect(failure.message.contains("standard input can't be opened"))
    #expect(failure.span?.column == 6)
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
    let parent = try shell.failure("open \(Shell.template)/recordings")
    #expect(parent.hint == "open one of the recordings in it: `open \(Shell.template)/recordings/Nova_2025-02-03`")
  }

  // MARK: Sets of recordings

  @Test("A parent YAML opens every recording that has data, and notes the others in one line")
  func parentYAML() throws {
    let shell = try Shell(opened: false)
    let yaml = Fixtures.path("twin/multi_sim_120_all.yaml")
    let table = try shell.table("open \(yaml)")
    #expect(table.names == ["session", "name", "cells", "stimuli", "status"])
    #expect(table["status"]?.values == .string(["no data", "opened", "opened"]))
    #expect(table["cells"]?.values == .int([nil, 16, 12]))
    #expect(table["stimuli"]?[2] == .string("backimage, gaborium"))
    #expect(try shell.names() == ["Nova_2025-02-03", "Sim_2025-01-17"])
    #expect(
      shell.allNotes == "no data of 1 among 3 sessions in \(Fixtures.path("twin")): Sim_2025-01-10")
    // The parent is the recordings' configuration.
    let text = "\(try shell.report("show Sim_2025-01-17").sections)"
    #expect(text.contains("multi_sim_120_all.yaml") && text.contains("valid_nlags n_lags=18"))
    #expect(try shell.table("open \(yaml)")["status"]?.values == .string(["no data", "unchanged", "unchanged"]))
  }

  @Test("A set is piped like any table")
  func pipedSet() throws {
    let shell = try Shell(opened: false)
    let table = try shell.table("open \(Fixtures.path("twin/multi_sim_120_all.yaml")) | where status == \"opened\"")
    #expect(table.rowCount == 2)
  }

  @Test("--data names the folder of the sessions' folders")
  func dataFolder() throws {
    let shell = try Shell(opened: false)
    let yaml = try shell.file("parent.yaml", "sessions: [Nova_2025-02-03]\nkeys_lags: {stim: [0, 1]}\n")
    let missing = try shell.failure("open \(yaml)")
    #expect(missing.kind == .missing && missing.hint?.hasPrefix("--data DIR") == true)
    let table = try shell.table("open \(yaml) --data \(Fixtures.path("twin"))")
    #expect(table["name"]?.values == .string(["Nova_2025-02-03"]))
    let other = try shell.failure("open \(Fixtures.path("twin/twin.ckpt")) as t --data \(shell.folder)")
    #expect(other.kind == .usage)
  }

  @Test("A recording that can't be opened is told beside those that can")
  func brokenRecording() throws {
    let shell = try Shell(opened: false)
    let broken = shell.folder + "/data/Rec_A"
    try FileManager.default.createDirectory(atPath: broken, withIntermediateDirectories: true)
    try Data("no zip".utf8).write(to: URL(filePath: broken + "/gaborium.dset"))
    try FileManager.default.createSymbolicLink(
      atPath: shell.folder + "/data/Nova_2025-02-03", withDestinationPath: Fixtures.path("twin/Nova_2025-02-03"))
    let yaml = try shell.file("data/parent.yaml", "sessions: [Rec_A, Nova_2025-02-03]\n")
    #expect(try shell.table("open \(yaml)")["status"]?.values == .string(["failed", "opened"]))
    #expect(shell.allNotes.hasPrefix("Rec_A: ") && shell.allNotes.contains("gaborium.dset"))
  }

  @Test(
    "A list of sessions that is none is refused by its item",
    arguments: [
      ("sessions: [3, A]", "sessions.0: a name is expected, not an integer"),
      ("sessions: [A, B, A]", "sessions: A is listed twice"), ("sessions: A", "a list of names is expected, not text"),
    ]) func wrongSessions(text: String, message: String) throws
  {
    let shell = try Shell(opened: false)
    let yaml = try shell.file("parent.yaml", text)
    #expect(try shell.failure("open \(yaml)").message.contains(message))
  }

  @Test("One name for a whole set, a second configuration and a taken name are refused, and nothing is kept")
  func refusedSets() throws {
    let shell = try Shell(opened: false)
    let yaml = Fixtures.path("twin/multi_sim_120_all.yaml")
    #expect(try shell.failure("open \(yaml) as all").hint == "leave out `as`")
    #expect(try shell.failure("open \(yaml) --config \(yaml)").hint == "leave out --config")
    try shell.run("open \(Shell.template)/recordings/Sim_2025-01-17 as Nova_2025-02-03")
    #expect(try shell.failure("open \(yaml)").kind == .conflict)
    #expect(try shell.names() == ["Nova_2025-02-03"])
  }

  // MARK: Dataset configurations

  @Test("A list of dataset configurations names heads, gives cids and overrides adapter and readout")
  func datasetList() throws {
    let shell = try Shell(opened: false)
    let zoo = Fixtures.path("zoo/syn_baseline_relu_dsover")
    let record = try shell.record("open \(zoo)/model.ckpt as twin --config \(zoo)/datasets.yaml")
    #expect(record["sessions"] == .string("Zoo_2025-01-10, Zoo_2025-01-17"))
    let report = try shell.report("show twin")
    let text = "\(report.sections)"
    #expect(text.contains("1, 3, 5, 7, 9"))
    #expect(text.contains("affine to 15x15, Zoo_2025-01-17") && text.contains("linear readout of 3 cells"))

    let numbers = try NpzArchive(path: zoo + "/io.npz")
    for (head, session) in ["Zoo_2025-01-10", "Zoo_2025-01-17"].enumerated() {
      try shell.run("forward twin --head \(session) --input \(zoo)/io.npz --output \(shell.folder)/out.npz")
      let rates = try NpzArchive(path: shell.folder + "/out.npz").tensor("out")
      let expected = try numbers.tensor("out_\(head)")
      #expect(rates.shape == expected.shape)
      #expect(zip(rates.values, expected.values).allSatisfy { abs($0 - $1) <= 1e-5 + 1e-4 * abs($1) })
    }
  }

  @Test("A parent YAML does the same, its sessions' files with the overrides")
  func parentOfDatasets() throws {
    let shell = try Shell(opened: false)
    let zoo = Fixtures.path("zoo/syn_baseline_relu_dsover")
    _ = try shell.file("sessions/A.yaml", "cids: [1, 3, 5, 7, 9]\n")
    _ = try shell.file(
      "sessions/B.yaml",
      """
      session: B
      cids: [1, 3, 5]
      readout: {type: linear, params: {bias: true}}
      adapter: {type: adapter, params: {grid_size: 15, init_sigma: 0.5, transform: affine}}
      """)
    let yaml = try shell.file("parent.yaml", "session_dir: ./sessions\nsessions: [A, B]\n")
    #expect(try shell.record("open \(zoo)/model.ckpt as twin --config \(yaml)")["sessions"] == .string("A, B"))
    try shell.run("forward twin --head B --input \(zoo)/io.npz --output \(shell.folder)/out.npz")
    let rates = try NpzArchive(path: shell.folder + "/out.npz").tensor("out")
    let expected = try NpzArchive(path: zoo + "/io.npz").tensor("out_1")
    #expect(zip(rates.values, expected.values).allSatisfy { abs($0 - $1) <= 1e-5 + 1e-4 * abs($1) })
  }

  @Test(
    "Dataset configurations of the wrong kind are refused by their place",
    arguments: [
      ("- session: A\n  cids: [1, x]\n", "item 0: cids: a list of integers is expected, not text at item 1"),
      ("- 3\n", "item 0: a dataset configuration is expected, not an integer"),
      ("- {session: A, cids: [1, 1]}\n", "item 0: cids: an id occurs twice"), ("a: 1\n", "names no sessions"),
    ]) func wrongDatasets(text: String, message: String) throws
  {
    let shell = try Shell(opened: false)
    let yaml = try shell.file("datasets.yaml", text)
    let checkpoint = Fixtures.path("zoo/syn_baseline_relu_dsover/model.ckpt")
    #expect(try shell.failure("open \(checkpoint) as twin --config \(yaml)").message.contains(message))
  }

  @Test("The full-size twin's list names its heads", .enabled(if: Fixtures.hasShared))
  func canonicalList() throws {
    let shell = try Shell(opened: false)
    let folder = Fixtures.shared("canonical")
    let record = try shell.record("open \(folder)/model.ckpt as twin --config \(folder)/datasets.yaml")
    #expect(record["sessions"] == .string("Zoo_2025-01-10, Zoo_2025-01-17"))
  }
}

extension Shell {
  /// A text file in the shell's folder; its path.
  func file(_ name: String, _ text: String) throws -> String {
    let url = URL(filePath: folder + "/" + name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    return url.path
  }
}
