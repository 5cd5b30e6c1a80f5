import Base
import Foundation
import Runs
import TestSupport
import Testing

/// Logs with changed and missing bytes: each is a row, with what could be read or with a reason; none ends the process.
@Suite struct DamagedLogTests {
  struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }

  @Test(
    "Changed, cut and repeated bytes never end the process, and never hide the other runs",
    arguments: [
      ("vc_wandb/logs/wandb/offline-run-20261129_132039-rd88a3vm", "run-rd88a3vm.wandb", 60),
      ("tensorboard/lightning_logs/version_0", "events.out.tfevents.1795959007.node01.3772.0", 60),
      ("mlflow", "mlflow.db", 40), ("nan_visioncore/csv/version_0", "metrics.csv", 60),
      (
        "ray_small/train_d76a6_00001_1_layers=2,lr=0.0050,norm=grn,seed=643_2026-11-29_13-36-16", "result.json", 60
      ),
      ("killed/checkpoints", "epoch=02-val_bps_overall=0.0898.ckpt", 20),
    ])
  func damaged(folder: String, file: String, count: Int) throws {
    let root = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: root) }
    let manager = FileManager.default
    try manager.createDirectory(atPath: root + "/whole", withIntermediateDirectories: true)
    try "epoch,step,val_loss\n0,9,0.5\n".write(toFile: root + "/whole/metrics.csv", atomically: true, encoding: .utf8)
    try manager.createDirectory(atPath: root + "/bad", withIntermediateDirectories: true)
    let original = try Data(contentsOf: URL(filePath: RunFolders.path("\(folder)/\(file)")))
    var random = Generator(state: 5)
    for round in 0..<count {
      var bytes = original
      if round % 3 == 0 { bytes = bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)) }
      for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
        // Headers and lengths stand in front; damage there reaches furthest.
        let reach = Bool.random(using: &random) ? bytes.count : min(bytes.count, 200)
        bytes[bytes.startIndex + Int.random(in: 0..<reach, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      try bytes.write(to: URL(filePath: root + "/bad/" + file))
      let set = try RunSet(root: root, now: 0)
      #expect(set.runs.contains { $0.run == "whole" && $0.best == 0.5 }, "round \(round)")
      for run in set.runs where !run.isBroken { _ = try? RunCheck.faults(of: run, in: set) }
    }
  }
}
