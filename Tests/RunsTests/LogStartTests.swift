import Foundation
import RunLogs
import TestSupport
import Testing

@Suite("Logs of resumed trainings")
struct LogStartTests {
  private func read(_ text: String) throws -> RunLog {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try text.write(toFile: folder + "/metrics.csv", atomically: true, encoding: .utf8)
    return try LightningCSVLog.read(folder + "/metrics.csv")
  }

  private func log(_ metric: String, epochs: [Int], step: (Int) -> Int) -> RunLog {
    var (log, curve) = (RunLog(), MetricCurve(metric))
    for epoch in epochs { curve.append(step: step(epoch), epoch: epoch, 0.1) }
    log.curves = [curve]
    return log
  }

  @Test("A log that begins in a later epoch goes on from another one, and says so") func resumed() throws {
    let run = try read("epoch,step,lr-AdamW/pg1,val_bps_overall\n,60,0.1,\n3,79,,0.1\n4,99,,0.2\n")
    #expect(run.resumedFrom == LogStart(epoch: 3, step: 60))
    #expect(run.remarks == ["resumed: the log begins in epoch 3, at step 60"])
    #expect(log("val_bps_overall", epochs: [1, 2]) { 10 * $0 }.resumedFrom == LogStart(epoch: 1, step: 10))
  }

  @Test(
    "A log of each fifth epoch, one that counts from 1 and one with its first learning rate begin with their training")
  func fromTheStart() throws {
    #expect(log("val_bps_overall", epochs: [4, 9, 14]) { 10 * $0 + 9 }.resumedFrom == nil)
    #expect(log("val_loss", epochs: [1, 2, 3]) { 10 * $0 }.resumedFrom == nil)
    #expect(log("val_loss", epochs: [5, 10]) { 10 * $0 }.resumedFrom == nil)
    let rate = try read("epoch,step,lr-AdamW/pg1,val_bps_overall\n,0,0.1,\n3,79,,0.1\n4,99,,0.2\n")
    #expect(rate.resumedFrom == nil && rate.remarks.isEmpty)
    // One epoch does not show how far epochs lie apart.
    #expect(log("val_bps_overall", epochs: [3]) { 10 * $0 }.resumedFrom == nil)
    #expect(RunLog().resumedFrom == nil)
  }

  @Test("Counts of skipped batches and TensorBoard's own metric, which begin at step 0 again, hide no resume")
  func countedApart() throws {
    var run = log("val_bps_overall", epochs: [3, 4]) { 10 * $0 }
    for name in ["val_nan_skip/Sim", "hp_metric"] {
      var curve = MetricCurve(name)
      curve.append(step: 0, epoch: 0, 1)
      run.curves.append(curve)
    }
    #expect(run.resumedFrom == LogStart(epoch: 3, step: 30))
  }
}
