import Foundation
import RunLogs
import Runs
import TestSupport
import Testing

@Suite("Resumed runs of W&B")
struct WandbResumeTests {
  private static let first = "offline-run-20261129_132039-rd88a3vm"
  private static let second = "offline-run-20261130_090000-rd88a3vm"

  /// A folder `wandb` with logs, the records of each.
  private func folder(_ logs: [(folder: String, records: [[UInt8]])]) throws -> String {
    let folder = try Fixtures.temporaryFolder()
    for log in logs {
      let path = "\(folder)/wandb/\(log.folder)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try Data(WandbFile.log(log.records)).write(to: URL(filePath: path + "/run-rd88a3vm.wandb"))
    }
    return folder
  }

  /// The records of the run in parts: its settings, and what it logged before and after the start of epoch 2, step 50. The
  /// first process went on to step 99.
  private func parts() throws -> (settings: [[UInt8]], first: [[UInt8]], second: [[UInt8]]) {
    let all = WandbFile.payloads(try WandbFile.finished())
    try #require(all.count == 93)
    return (Array(all[..<11]), Array(all[..<72]), Array(all[..<11] + all[44...]))
  }

  private func sorted(_ log: RunLog) -> [MetricCurve] { log.curves.sorted { $0.name < $1.name } }

  @Test("Two folders of one id are one run: from its first step on the later log wins") func joined() throws {
    let parts = try parts()
    let folder = try folder([(Self.second, parts.second), (Self.first, parts.first)])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let set = try RunSet(root: folder, now: 0)
    let run = try #require(set.runs.first)
    let whole = try WandbLog.read(RunFolders.path(WandbFile.name))
    try #require(set.runs.count == 1, "\(set.runs.map(\.run))")
    let log = try set.log(run)
    #expect(sorted(log) == sorted(whole))
    #expect(log.remarks == ["resumed: the later log counts from its first step, 50"], "\(log.remarks)")
    #expect(run.state == .finished && run.epochs == 5 && run.id == "rd88a3vm")
    #expect(run.best == whole[metric: "val_bps_overall"]?.values.max())
    #expect(run.parameter("lr")?.number == 0.01 && (run.hours ?? 0) > 0)
    for word in ["rd88a3vm", Self.first, Self.second, "20261130"] { #expect(set.runs(named: word) == [run], "\(word)") }
    #expect(run.folders == ["wandb/" + Self.first, "wandb/" + Self.second])
    #expect(try RunCheck.faults(of: run, in: set).contains { $0.name == .biasesReset })
    let again = try RunSet(root: folder, index: set.index, now: 0)
    #expect(again.readCount == 0 && again.runs == set.runs)
  }

  @Test("A later log that has only begun belongs to the run, whose end it tells; one that grows is read again")
  func begun() throws {
    let parts = try parts()
    let folder = try folder([(Self.first, parts.first), (Self.second, parts.settings)])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let set = try RunSet(root: folder, now: 0)
    let run = try #require(set.runs.first)
    #expect(set.runs.count == 1 && run.state == .killed && run.epochs == 4, "\(set.runs.map(\.run)) \(run.evidence)")
    let path = "\(folder)/wandb/\(Self.second)/run-rd88a3vm.wandb"
    try Data(WandbFile.log(parts.second)).write(to: URL(filePath: path))
    let later = try RunSet(root: folder, index: set.index, now: 0)
    #expect(later.readCount == 1 && later.runs.map(\.state) == [.finished] && later.runs.first?.epochs == 5)
  }

  @Test("A later log that counts from the first one's start is a run of its own, and nothing is lost") func anew()
    throws
  {
    let parts = try parts()
    let whole = WandbFile.payloads(try WandbFile.finished())
    let third = "run-20261201_090000-rd88a3vm"
    let folder = try folder([(Self.first, parts.first), (Self.second, whole), (third, parts.second)])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let set = try RunSet(root: folder, now: 0)
    #expect(set.runs.map(\.folders) == [["wandb/" + Self.first], ["wandb/" + Self.second, "wandb/" + third]])
    #expect(Set(set.runs.map(\.run)).count == 2)
    for run in set.runs { #expect(set.runs(named: run.run) == [run]) }
    #expect(set.runs.map(\.state) == [.killed, .finished])
  }
}
