import Base
import Foundation
import Runs
import TestSupport
import Testing

@Suite struct RunCheckTests {
  private func faults(_ folder: String, _ run: String) throws -> [RunFault] {
    let set = try RunFolders.open(folder)
    return try RunCheck.faults(of: RunFolders.run(run, in: set), in: set)
  }

  @Test("A run that diverged and ended normally is found with its four signs", arguments: ["csv", "tb"])
  func diverged(log: String) throws {
    let found = try #require(faults("nan_visioncore", log).first { $0.name == .diverged })
    for sign in [
      "train_nan_skip", "train_loss_epoch is exactly 0", "val_bps_overall is exactly 0",
      "val_loss is not written after epoch 1",
    ] {
      #expect(found.evidence.contains(sign), "\(sign)")
    }
    #expect(found.isError)
  }

  @Test("Undefined values are found where they begin") func undefined() throws {
    let found = try #require(faults("nan_plain", "csv").first { $0.name == .undefinedValues })
    #expect(
      found.evidence.contains("train_loss_step is NaN from epoch 1") && found.evidence.contains("val_corr is infinite"))
  }

  @Test("Healthy runs have neither errors nor signs of divergence") func healthy() throws {
    let set = try RunFolders.open("csv_grid")
    #expect(set.runs.count == 8)
    for run in set.runs { #expect(try RunCheck.faults(of: run, in: set).allSatisfy { !$0.isError }) }
  }

  @Test("A warm-up without a rate and scores that are exactly 0 are found in a W&B log") func wandb() throws {
    let found = try faults("vc_wandb", "rd88a3vm")
    #expect(found.first { $0.name == .zeroRate }?.evidence.contains("until step 25") == true)
    // A remedy that is pasted names its run; runs with one fault share it.
    let clamped = try #require(found.first { $0.name == .clampedScores })
    #expect(clamped.remedy?.contains("best RUN") == false && clamped.remedy?.contains("eval NAME on REC/STIM") == true)
    #expect(clamped.sharedRemedy?.replacing("`best RUN ", with: "`best \(clamped.run) ") == clamped.remedy)
    #expect(
      found.first { $0.name == .clampedScores }?.evidence.contains("val_bps/Sim_2025-01-17 is exactly 0 at step 24")
        == true)
    let missing = try #require(found.first { $0.name == .unrecorded }).evidence
    #expect(missing.contains("gradient clipping") && missing.contains("seed") && !missing.contains("batch size"))
  }

  @Test("Readout biases that a resume reset are named") func resumed() throws {
    #expect(
      try faults("resumed", "tb/lightning_logs").contains { $0.name == .biasesReset && $0.evidence.contains("60") })
    #expect(try !faults("killed", "tb").contains { $0.name == .biasesReset })
    // The CSV logger begins a folder of its own.
    let second = try faults("resumed", "csv/lightning_logs/version_1").first { $0.name == .biasesReset }?.evidence ?? ""
    #expect(second.hasPrefix("resumed: the log begins in epoch 3, at step 60; "), "\(second)")
    #expect(second.contains("the epochs before are in csv/lightning_logs/version_0; "), "\(second)")
    #expect(try !faults("resumed", "csv/lightning_logs/version_0").contains { $0.name == .biasesReset })
    let grid = try RunFolders.open("csv_grid")
    for run in grid.runs { #expect(!(try RunCheck.faults(of: run, in: grid).contains { $0.name == .biasesReset })) }
  }

  @Test(
    "An ignored core rate, one GPU's equal batches, pretrained weights that nobody can find and a wrong name are found")
  func settings() throws {
    let root = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: root) }
    func write(_ name: String, rates: String, settings: String) throws {
      try FileManager.default.createDirectory(atPath: "\(root)/\(name)/version_0", withIntermediateDirectories: true)
      try "epoch,lr-AdamW/pg1,lr-AdamW/pg2,step,val_bps_overall\n,\(rates),0,\n0,,,9,0.1\n1,,,19,0.2\n".write(
        toFile: "\(root)/\(name)/version_0/metrics.csv", atomically: true, encoding: .utf8)
      try settings.write(toFile: "\(root)/\(name)/version_0/hparams.yaml", atomically: true, encoding: .utf8)
    }
    try write(
      "small_sgpu_bs32_ds2_lr0.003_wd0.0001_corelrscale.5", rates: "0.003,0.003",
      settings: "lr: 0.01\npretrained_checkpoint: /lab/none.ckpt\n")
    try write("small_ddp_bs32_ds2_lr0.003_wd0.0001_corelrscale.5", rates: "0.0015,0.003", settings: "lr: 0.003\n")
    let set = try RunSet(root: root, now: 0)
    let bad = try RunCheck.faults(of: RunFolders.run("small_sgpu", in: set), in: set)
    #expect(
      bad.first { $0.name == .rateIgnored }?.evidence
        == "core_lr_scale 0.5 was asked for, but lr-AdamW/pg1, lr-AdamW/pg2 are equal in all 1 rows")
    #expect(bad.first { $0.name == .contradiction }?.evidence == "the name says lr 0.003, the configuration 0.01")
    #expect(bad.contains { $0.name == .sameBatches } && bad.contains { $0.name == .notLoaded })
    let good = try RunCheck.faults(of: RunFolders.run("small_ddp", in: set), in: set)
    #expect(Set(good.map(\.name)) == [.clampedScores, .unrecorded])
  }

  @Test("Pretrained weights that are not in the run's first checkpoint are told from those that are") func pretrained()
    throws
  {
    let root = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: root) }
    let source = RunFolders.path("killed") + "/checkpoints/epoch=02-val_bps_overall=0.0898.ckpt"
    let other = RunFolders.path("tensorboard") + "/lightning_logs/version_1/checkpoints/epoch=2-step=60.ckpt"
    for (name, file) in [("loaded", source), ("scratch", other)] {
      let folder = "\(root)/\(name)"
      try FileManager.default.createDirectory(atPath: folder + "/checkpoints", withIntermediateDirectories: true)
      try "epoch,step,val_loss\n0,9,0.1\n".write(toFile: folder + "/metrics.csv", atomically: true, encoding: .utf8)
      try "pretrained_checkpoint: \(source)\nfreeze_vision: true\n".write(
        toFile: folder + "/hparams.yaml", atomically: true, encoding: .utf8)
      try FileManager.default.copyItem(atPath: file, toPath: folder + "/checkpoints/epoch=0.ckpt")
    }
    let set = try RunSet(root: root, now: 0)
    func names(_ run: String) throws -> Set<RunFault.Name> {
      Set(try RunCheck.faults(of: RunFolders.run(run, in: set), in: set).map(\.name))
    }
    #expect(try names("loaded").isDisjoint(with: [.notLoaded, .randomFrozen]))
    #expect(try names("scratch").isSuperset(of: [.notLoaded, .randomFrozen]))
  }

  @Test("Runs whose names differ and whose recorded configurations do not are paired") func pairs() throws {
    let found = RunCheck.pairs(try RunFolders.open("csv_grid").runs)
    #expect(found.count == 4 && found.allSatisfy { $0.name == .sameConfiguration && $0.evidence.contains("seed1") })
    #expect(RunCheck.pairs(try RunFolders.open("mlflow").runs).isEmpty)
  }

  @Test("What run_config.txt says stands among a run's settings; where a checkpoint says otherwise, both are told")
  func launchFile() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let target = folder + "/2026-01-02_learned/exp"
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: RunFolders.checkpoint, toPath: target + "/epoch=16-val_bps_overall=0.2645.ckpt")
    try "# host: x\ncore_lr_scale=0.25\nbatch_size=256\nexperiment_name=exp\n".write(
      toFile: folder + "/2026-01-02_learned/run_config.txt", atomically: true, encoding: .utf8)
    let set = try RunSet(root: folder, now: 0)
    let run = try #require(set.runs.first)
    #expect(run.parameter("batch_size") == .int(256) && run.parameter("experiment_name") == nil)
    let recorded = try #require(run.parameter("core_lr_scale")?.number)
    #expect(recorded != 0.25)
    let found = try RunCheck.faults(of: run, in: set).first { $0.name == .contradiction }
    #expect(found?.evidence.contains("run_config.txt says core_lr_scale 0.25, the configuration") == true)
  }

  @Test("A Ray trial whose folder's name contradicts its params.json is told; rounding is no contradiction")
  func renamedTrial() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let source = RunFolders.path("ray_small")
    let trial = try #require(
      FileManager.default.contentsOfDirectory(atPath: source).first { $0.hasPrefix("train_d76a6_00001_1_") })
    let renamed = trial.replacing("layers=2,lr=0.0050", with: "layers=3,lr=0.0050")
    #expect(renamed != trial)
    for name in [trial, renamed] {
      try FileManager.default.copyItem(atPath: "\(source)/\(trial)", toPath: "\(folder)/\(name)")
    }
    let set = try RunSet(root: folder, now: 0)
    let found = try set.runs.map { run in
      try RunCheck.faults(of: run, in: set).first { $0.name == .contradiction }?.evidence
    }
    #expect(set.runs.map(\.folder) == [trial, renamed].sorted())
    #expect(found == [nil, "the folder's name says layers=3, the configuration 2"])
  }
}
