import Base
import Foundation
import RunLogs
import Runs
import TestSupport
import Testing

@Suite struct RunLogTests {
  @Test(
    "Every curve of CSV logs and event files has the steps, epochs and values of the tools' own readers",
    arguments: [
      ("killed", "csv", "csv"), ("killed", "tb", "tb"), ("nan_visioncore", "csv", "csv"),
      ("nan_visioncore", "tb", "tb"),
      ("nan_plain", "csv", "csv"), ("nan_plain", "tb", "tb"), ("resumed", "tb/lightning_logs", "tb_effective"),
      ("resumed", "csv/lightning_logs/version_0", "csv.version_0"),
      ("resumed", "csv/lightning_logs/version_1", "csv.version_1"),
      ("broken", "tb_truncated", "tb_truncated.scalars"), ("broken", "tb_bad_crc", "tb_bad_crc.scalars_before"),
    ])
  func curves(folder: String, run: String, key: String) throws {
    let set = try RunFolders.open(folder)
    let log = try set.log(RunFolders.run(run, in: set))
    #expect(RunFolders.differences(log, try RunFolders.expected(folder).at(key)) == [])
  }

  @Test("Event files without a common tag were written side by side: no point is lost; a resume replaces points")
  func sideBySide() throws {
    func log(_ files: [[(tag: String, steps: [Int], value: Double)]]) throws -> RunLog {
      let folder = try Fixtures.temporaryFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      var names: [String] = []
      for file in files {
        let writer = try EventFileWriter(folder: folder)
        for (tag, steps, value) in file {
          for step in steps { try writer.add(scalars: [(tag, value)], step: step) }
        }
        names.append((writer.path as NSString).lastPathComponent)
      }
      return try TensorBoardLog.read(folder, names: names)
    }
    let apart = try log([
      [("train_loss", [0, 10, 20], 1), ("epoch", [0, 10], 0)], [("val_loss", [0, 20], 2), ("epoch", [20], 1)],
    ])
    #expect(apart[metric: "train_loss"]?.steps == [0, 10, 20] && apart[metric: "val_loss"]?.steps == [0, 20])
    #expect(apart[metric: "train_loss"]?.epochs == [0, 0, 1] && apart.remarks == [])
    let resumed = try log([[("val_loss", [0, 10, 20], 1), ("once", [15], 1)], [("val_loss", [10, 20], 2)]])
    #expect(resumed[metric: "val_loss"]?.values == [1, 2, 2] && resumed[metric: "once"]?.steps == [15])
    #expect(resumed.remarks == ["resumed: the later file counts from its first step, 10"])
  }

  @Test("Text in a column of numbers and a column that is there twice are told; the first column counts")
  func oddColumns() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "epoch,step,val_loss,score,val_loss\n0,9,1,bad,5\n1,19,2,0.5,6\n".write(
      toFile: folder + "/metrics.csv", atomically: true, encoding: .utf8)
    let log = try LightningCSVLog.read(folder + "/metrics.csv")
    #expect(log.curves.map(\.name) == ["val_loss", "score"] && log[metric: "val_loss"]?.values == [1, 2])
    #expect(
      log.remarks == [
        "score: 1 value is no number, the first in row 1",
        "there more than once, and only the first column counts: val_loss",
      ])
  }

  @Test("A run that MLflow deleted is none; one that it calls running may have ended long ago")
  func abandoned() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, stage) in [("kept", "active"), ("gone", "deleted")] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)/metrics", withIntermediateDirectories: true)
      let state = "status: 1\nstart_time: 1700000000000\nend_time: null\nlifecycle_stage: \(stage)\n"
      try "run_id: \(name)\nrun_name: \(name)\n\(state)"
        .write(toFile: "\(folder)/\(name)/meta.yaml", atomically: true, encoding: .utf8)
      try "1700000001000 0.5 0\n".write(
        toFile: "\(folder)/\(name)/metrics/val_loss", atomically: true, encoding: .utf8)
    }
    let later = try RunSet(root: folder, now: 1_700_000_001 + 3 * 86_400)
    #expect(later.runs.map(\.run) == ["kept"] && later.runs.first?.state == .unknown)
    #expect(later.runs.first?.evidence == "MLflow's status is RUNNING, but it has logged nothing for 3 days")
    #expect(try RunSet(root: folder, now: 1_700_000_100).runs.first?.state == .running)
  }

  @Test("Every curve of MLflow's database has the values of sqlite3") func mlflow() throws {
    let set = try RunFolders.open("mlflow")
    let runs = try #require(RunFolders.expected("mlflow")["runs"]?.mapValue)
    #expect(runs.count == 3 && set.runs.count == 3)
    for entry in runs {
      let run = try RunFolders.run(entry.key, in: set)
      #expect(RunFolders.differences(try set.log(run), entry.value["metrics"]) == [])
      #expect(run.state.rawValue == entry.value["status"]?.stringValue?.lowercased())
      #expect(run.name == entry.value["name"]?.stringValue)
      #expect(run.parameter("lr")?.number == entry.value["params"]?["lr"]?.stringValue.flatMap { Double($0) })
    }
  }

  @Test("Every number of a W&B log is that of W&B's own classes") func wandb() throws {
    let set = try RunFolders.open("vc_wandb")
    let runs = try #require(RunFolders.expected("vc_wandb")["runs"]?.mapValue)
    #expect(runs.count == 2 && set.runs.count == 2)
    for entry in runs {
      let run = try RunFolders.run(try #require(entry.value["run"]?["id"]?.stringValue), in: set)
      #expect(run.run == entry.value["run"]?["name"]?.stringValue)
      #expect(run.state == .finished && run.epochs == 5)
      #expect(run.best == entry.value["best"]?["val_bps_overall"]?.doubleValue)
      let log = try set.log(run)
      var count = 0
      for row in entry.value["history"]?.listValue ?? [] {
        for (key, value) in (row.mapValue ?? []).map({ ($0.key, $0.value) })
        where !key.hasPrefix("_") && key != "trainer/global_step" && key != "epoch" {
          let curve = try #require(log[metric: key])
          let step = try #require(row["trainer/global_step"]?.intValue)
          #expect(
            zip(curve.steps, curve.values).contains { $0 == step && $1 == value.doubleValue }, "\(key) at \(step)")
          count += 1
        }
      }
      #expect(count == log.curves.reduce(0) { $0 + $1.values.count })
    }
  }

  @Test(
    "Ray's trials give their reports, their settings and how they ended, from progress.csv and from result.json alike")
  func ray() throws {
    let copy = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: copy) }
    let source = RunFolders.path("ray_small")
    try FileManager.default.copyItem(atPath: source, toPath: copy + "/ray")
    let trials = try #require(RunFolders.expected("ray_small").mapValue)
    #expect(trials.count == 6)
    for trial in trials { try FileManager.default.removeItem(atPath: "\(copy)/ray/\(trial.key)/progress.csv") }
    for root in [source, copy + "/ray"] {
      let set = try RunSet(root: root, now: Date().timeIntervalSince1970)
      #expect(set.runs.count == 6)
      for trial in trials {
        let run = try #require(set.runs.first { $0.folder == trial.key })
        #expect(run.kind == .ray && run.metric?.name == "val_bps" && run.epochs == trial.value["iterations"]?.intValue)
        #expect(run.best == trial.value["best"]?.doubleValue)
        #expect(run.parameter("lr")?.number == trial.value["params"]?["lr"]?.doubleValue)
        let isFailed = trial.value["failed"]?.boolValue == true
        #expect(run.state == (isFailed ? .failed : run.epochs == 12 ? .finished : .stoppedEarly))
        let values = try #require(set.log(run)[metric: "val_bps"]).values
        let wanted = (trial.value["val_bps"]?.listValue ?? []).map { $0.doubleValue ?? .nan }
        #expect(values.count == wanted.count)
        #expect(zip(values, wanted).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
      }
    }
  }

  @Test("Settings come from a Ray folder's name where nothing else tells, and a cut name is marked") func cutNames()
    throws
  {
    let root = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: root) }
    let cut =
      "train_mlp_3bb08ddf_93_augment_encodings=True,augmentation_mixup_alpha=0.3371,augmentation_mixup_same_time=False,augmentation_neuro_2026-01-25_17-50-41"
    let whole = "ray_trainable_b9bdf_00003_3_lambda_reg=0.0000,norm=grn_2026-02-25_23-06-51"
    for name in [cut, whole] {
      try FileManager.default.createDirectory(atPath: "\(root)/\(name)", withIntermediateDirectories: true)
      try "val_loss,lambda_reg,training_iteration,done\n0.5,7.2e-06,1,False\n".write(
        toFile: "\(root)/\(name)/progress.csv", atomically: true, encoding: .utf8)
    }
    let set = try RunSet(root: root, now: 0)
    let first = try #require(set.runs.first { $0.folder == cut })
    #expect(
      first.parameters.map(\.name) == ["augment_encodings", "augmentation_mixup_alpha", "augmentation_mixup_same_time"])
    #expect(first.parameters.map(\.value) == [.bool(true), .double(0.3371), .bool(false)])
    #expect(first.remarks.contains { $0.contains("cut") && $0.contains("augmentation_neuro…") })
    let second = try #require(set.runs.first { $0.folder == whole })
    // The report has the decimals that the name lost.
    #expect(second.parameter("lambda_reg") == .double(7.2e-06) && second.parameter("norm") == .string("grn"))
    #expect(second.remarks.isEmpty && second.state == .unknown)
  }

  @Test("MLflow's file store opens as its database does") func fileStore() throws {
    let root = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: root) }
    let run = root + "/mlruns/1/0123456789abcdef0123456789abcdef"
    func write(_ name: String, _ text: String) throws {
      let path = run + "/" + name
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    try write(
      "meta.yaml",
      "run_id: 0123456789abcdef0123456789abcdef\nrun_name: bold-owl-7\nstatus: 4\nstart_time: 1795958523694\nend_time: 1795962123694\n"
    )
    try write("params/lr", "0.008")
    try write("metrics/val_loss", "1795958523868 0.5 9\n1795958523869 0.25 19\n")
    try write("metrics/val_bps/Sim_2025-01-10", "1795958523868 nan 9\n")
    let set = try RunSet(root: root, now: Date().timeIntervalSince1970)
    #expect(set.runs.map(\.run) == ["bold-owl-7"])
    let found = set.runs[0]
    #expect(found.state == .failed && found.hours == 1 && found.best == 0.25 && found.parameter("lr") == .double(0.008))
    let log = try set.log(found)
    #expect(log[metric: "val_loss"]?.steps == [9, 19])
    #expect(log[metric: "val_bps/Sim_2025-01-10"]?.values.first?.isNaN == true)
  }

  @Test("Images and histograms of event files are told by tag, number and size") func media() throws {
    func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] { [UInt8(number << 3 | 2), UInt8(bytes.count)] + bytes }
    func integer(_ number: Int, _ value: UInt8) -> [UInt8] { [UInt8(number << 3), value] }
    let image = field(1, Array("kernels/0".utf8)) + field(4, integer(1, 24) + integer(2, 48) + integer(3, 1))
    let histogram = field(1, Array("weights".utf8)) + field(5, field(7, [UInt8](repeating: 0, count: 40)))
    let event = integer(2, 7) + field(5, field(1, image) + field(1, histogram) + field(1, image))
    let root = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: root) }
    // The fixture's writer made the checksums of its own records; this one is written with the definition.
    let table: [UInt32] = (0..<256).map {
      (0..<8).reduce(UInt32($0)) { v, _ in v & 1 == 1 ? v >> 1 ^ 0x82f6_3b78 : v >> 1 }
    }
    func masked(_ bytes: [UInt8]) -> [UInt8] {
      let crc = ~bytes.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 255)] ^ $0 >> 8 }
      let value = (crc >> 15 | crc << 17) &+ 0xa282_ead8
      return (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
    }
    let length = [UInt8(event.count)] + [UInt8](repeating: 0, count: 7)
    let file = length + masked(length) + event + masked(event)
    try Data(file).write(to: URL(filePath: root + "/events.out.tfevents.1.host.2.0"))
    let set = try RunSet(root: root, now: 0)
    #expect(
      try set.log(#require(set.runs.first)).media == [
        LoggedMedium(tag: "kernels/0", kind: .image, count: 2, height: 24, width: 48),
        LoggedMedium(tag: "weights", kind: .histogram, count: 1, height: 1, width: 5),
      ])
  }
}
