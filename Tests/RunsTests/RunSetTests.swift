import Base
import Foundation
import RunLogs
import Runs
import TestSupport
import Testing

@Suite struct RunSetTests {
  /// A copy of the fixtures that a test may change.
  private func copy(_ name: String) throws -> String {
    let folder = try Fixtures.temporaryFolder()
    try FileManager.default.copyItem(atPath: RunFolders.path(name), toPath: folder + "/" + name)
    return folder
  }

  @Test("A grid gives each run's best value, and the settings that vary, also those that only the names tell")
  func grid() throws {
    let set = try RunFolders.open("csv_grid")
    let runs = try #require(RunFolders.expected("csv_grid")["runs"]?.mapValue)
    #expect(set.runs.map(\.run) == runs.map(\.key).sorted())
    for entry in runs {
      let run = try RunFolders.run(entry.key, in: set)
      #expect(run.best == entry.value["best"]?["val_bps_overall"]?.doubleValue && run.epochs == 7)
      #expect(run.kind == .lightning && run.state == .unknown)
      for setting in ["lr", "seed"] {
        #expect(run.parameter(setting)?.number == entry.value["hyperparameters"]?[setting]?.doubleValue)
      }
      #expect(run.parameter("norm") == entry.value["hyperparameters"]?["norm"]?.stringValue.map(Value.string))
    }
    #expect(RunsTable.settings(set.runs).names.sorted() == ["lr", "model_cfg", "norm", "run", "seed"])
  }

  @Test("States are told apart by what each tool leaves, and `can't tell` where nothing does") func states() throws {
    func state(_ folder: String, _ run: String) throws -> RunState {
      try RunFolders.run(run, in: RunFolders.open(folder)).state
    }
    #expect(try state("killed", "csv") == .killed)
    #expect(try state("killed", "tb") == .killed)
    #expect(try state("tensorboard", "lightning_logs/version_0") == .unknown)
    #expect(try state("tensorboard", "lightning_logs/version_1") == .stoppedEarly)
    #expect(try state("resumed", "csv/lightning_logs/version_0") == .killed)
    #expect(try state("vc_wandb", "rd88a3vm") == .finished)
  }

  @Test("A log that grows now is running; a fresh copy of an old one is not") func running() throws {
    let folder = try copy("killed")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let csv = folder + "/killed/csv/version_0"
    let now = Date()
    func state() throws -> RunState {
      let set = try RunSet(root: folder, now: now.timeIntervalSince1970)
      return try RunFolders.run("killed/csv", in: set).state
    }
    try FileManager.default.setAttributes([.modificationDate: now], ofItemAtPath: csv + "/metrics.csv")
    try FileManager.default.setAttributes([.modificationDate: now], ofItemAtPath: csv + "/hparams.yaml")
    #expect(try state() == .killed)
    try FileManager.default.setAttributes([.modificationDate: now - 3600], ofItemAtPath: csv + "/hparams.yaml")
    #expect(try state() == .running)
  }

  @Test("A log without settings beside it is running where it has grown since its folder got its files")
  func runningAlone() throws {
    let folder = try copy("killed")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let csv = folder + "/killed/csv/version_0"
    let now = Date()
    try FileManager.default.removeItem(atPath: csv + "/hparams.yaml")
    try FileManager.default.setAttributes([.modificationDate: now], ofItemAtPath: csv + "/metrics.csv")
    func state(_ made: Date) throws -> RunState {
      try FileManager.default.setAttributes([.modificationDate: made], ofItemAtPath: csv)
      let set = try RunSet(root: folder, now: now.timeIntervalSince1970)
      return try RunFolders.run("killed/csv", in: set).state
    }
    #expect(try state(now) == .killed)
    #expect(try state(now - 3600) == .running)
  }

  @Test("Damaged logs are rows with their reason, and what is before the damage is read") func broken() throws {
    let set = try RunFolders.open("broken")
    #expect(set.runs.count == 12)
    let notes = Dictionary(uniqueKeysWithValues: set.runs.map { ($0.run, $0.remarks.joined(separator: "; ")) })
    #expect(set.runs.filter(\.isBroken).map(\.run) == ["csv_empty", "tb_empty"])
    #expect(notes["csv_empty"] == "metrics.csv: the file is empty")
    #expect(notes["csv_cut_last_line"] == "the last line is cut")
    #expect(notes["csv_extra_field"]?.hasPrefix("line 7 left out") == true)
    #expect(notes["csv_crlf"] == "" && notes["csv_nul_tail"] != "")
    #expect(
      notes["tb_bad_crc"]?.contains("52 records") == true && notes["tb_huge_length"]?.contains("52 records") == true)
    #expect(notes["tb_garbage_tail"]?.contains("85 records") == true)
    #expect(notes["tb_truncated_in_length"]?.contains("4 records") == true)
    let crlf = try set.log(RunFolders.run("csv_crlf", in: set))
    let plain = try RunFolders.open("csv_grid")
    let same = try plain.log(
      RunFolders.run("grn_none_convgru_gaussian_ddp_bs32_ds2_lr0.003_wd0.0001_corelrscale1.0_warmup1_seed0", in: plain))
    #expect(crlf.curves == same.curves)
  }

  @Test("Checkpoints in `ckpts` beside a run's log belong to the run", arguments: ["ckpts", "checkpoints"])
  func checkpointsBeside(name: String) throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: "\(folder)/RUN/\(name)", withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: RunFolders.checkpoint, toPath: "\(folder)/RUN/\(name)/epoch=16-val_bps_overall=0.2645.ckpt")
    try FileManager.default.createDirectory(atPath: folder + "/RUN/version_0", withIntermediateDirectories: true)
    try "epoch,step,val_loss\n0,9,1\n".write(
      toFile: folder + "/RUN/version_0/metrics.csv", atomically: true, encoding: .utf8)
    let set = try RunSet(root: folder, now: 0)
    #expect(set.runs.map(\.kind) == [.lightning] && set.runs.first?.checkpoints.isEmpty == false)
  }

  @Test("A second look reads only what has changed") func secondLook() throws {
    let folder = try copy("csv_grid")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = try RunSet(root: folder, now: 0)
    #expect(first.readCount == 8)
    let second = try RunSet(root: folder, index: first.index, now: 0)
    #expect(second.readCount == 0 && second.runs == first.runs)
    let path = folder + "/" + first.runs[3].folder + "/metrics.csv"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let grown =
      text + text.split(whereSeparator: \.isNewline).dropFirst().joined(separator: "\n").replacing("0.0", with: "0.9")
      + "\n"
    try grown.write(toFile: path, atomically: false, encoding: .utf8)
    let third = try RunSet(root: folder, index: second.index, now: 0)
    #expect(third.readCount == 1)
    #expect(third.runs.indices.filter { third.runs[$0].best != first.runs[$0].best } == [3])
  }

  @Test("A later look at Ray trials sees what grew, what came into a folder, and what is gone") func laterLook() throws
  {
    let folder = try copy("ray_small") + "/ray_small"
    defer { try? FileManager.default.removeItem(atPath: folder.folderAbove) }
    // Folders that have not changed for some time are not listed again.
    var now = Date().timeIntervalSince1970 + 100
    var last = try RunSet(root: folder, now: now)
    func look() throws -> RunSet {
      now += 100
      let set = try RunSet(root: folder, index: last.index, now: now)
      let whole = try RunSet(root: folder, now: now)
      #expect(set.runs == whole.runs)
      last = set
      return set
    }
    let count = last.runs.count
    #expect(count > 3)
    #expect(try look().readCount == 0)
    func path(_ place: Int) -> String { "\(folder)/\(last.runs[place].folder)" }
    let log = try FileHandle(forWritingTo: URL(filePath: path(0) + "/progress.csv"))
    try log.seekToEnd()
    try log.write(contentsOf: Data("1,2".utf8))
    try log.close()
    #expect(try look().runs[0].remarks.last == "the last line is cut")
    #expect(last.readCount == 1)
    try "RuntimeError: boom\n".write(toFile: path(1) + "/error.txt", atomically: true, encoding: .utf8)
    #expect(try look().runs[1].state == .failed)
    try FileManager.default.copyItem(atPath: RunFolders.checkpoint, toPath: path(2) + "/epoch=16-val_loss=0.2.ckpt")
    #expect(try look().runs[2].checkpoints.count == 1)
    try FileManager.default.copyItem(atPath: path(3), toPath: path(2) + "/inside")
    #expect(try look().runs.count == count + 1)
    try FileManager.default.removeItem(atPath: path(3) + "/progress.csv")
    _ = try look()
    #expect(try look().readCount == 0)
  }

  @Test("Opening, reading and checking change no byte and no time of the folder") func readsOnly() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.copyItem(atPath: Fixtures.path("runs"), toPath: folder + "/runs")
    func picture() throws -> [String: String] {
      var found: [String: String] = [:]
      for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
        let path = folder + "/" + name
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        let isFile = attributes[.type] as? FileAttributeType == .typeRegular
        let content = isFile ? Digest.of(try Data(contentsOf: URL(filePath: path))) : ""
        found[name] = "\(attributes[.modificationDate] ?? "") \(content)"
      }
      return found
    }
    let before = try picture()
    let set = try RunSet(root: folder, now: Date().timeIntervalSince1970)
    #expect(set.runs.count > 40)
    for run in set.runs where !run.isBroken {
      _ = try set.log(run)
      _ = try RunCheck.faults(of: run, in: set)
    }
    #expect(try picture() == before)
  }

  @Test("Two parts of one W&B run have names of their own") func samePart() throws {
    let folder = try copy("vc_wandb")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let logs = folder + "/vc_wandb/logs/wandb/"
    try FileManager.default.copyItem(
      atPath: logs + "offline-run-20261129_132039-rd88a3vm", toPath: logs + "offline-run-20261130_132039-rd88a3vm")
    let set = try RunSet(root: folder, now: 0)
    #expect(set.runs.count == 3 && Set(set.runs.map(\.run)).count == 3, "\(set.runs.map(\.run))")
    for run in set.runs { #expect(set.runs(named: run.run).map(\.folder) == [run.folder]) }
  }

  @Test("Checkpoints belong to the run beside them, and are a run of their own without a log") func checkpoints() throws
  {
    let folder = try copy("killed")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let set = try RunSet(root: folder + "/killed", now: 0)
    #expect(set.runs.map(\.run) == ["csv", "tb"])
    for run in set.runs {
      let best = try #require(try BestCheckpoint.of(run, in: set))
      #expect(best.checkpoint.epoch == 2 && best.checkpoint.value == 0.0898)
    }
    let alone = try RunSet(root: folder + "/killed/checkpoints", now: 0)
    let run = try #require(alone.runs.first)
    #expect(alone.runs.count == 1 && run.kind == .checkpoints && run.best == 0.0898 && run.epochs == 3)
    #expect(run.metric?.name == "val_bps_overall" && run.parameter("lr") == .double(0.006))
    #expect(run.parameter("lr_scheduler") == .string("none") && run.state == .unknown)
  }
}
