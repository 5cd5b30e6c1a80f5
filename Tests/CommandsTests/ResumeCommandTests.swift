import Base
import Foundation
import TestSupport
import Testing

@Suite("Trainings that are stopped and go on")
struct ResumeCommandTests {
  /// Cancels the running command once it has taken a number of steps.
  final class Interrupter: ProgressSink, @unchecked Sendable {
    var step: Int?
    var cancel: () -> Void = {}

    func begin(_ title: String, total: Int, unit: String) {}
    func advance(to done: Int) { if done == step { cancel() } }
    func end() {}
  }

  private let interrupter = Interrupter()
  private let shell: Shell
  private static let train = "train twin on sim/gaborium --epochs 4 --epoch-steps 2 --batch-size 8 --lr 0.01"

  init() throws {
    shell = try Shell(progress: interrupter)
    interrupter.cancel = { [shell] in shell.session.work.cancellation.cancel() }
  }

  /// Runs a training and stops it after a step.
  private func stop(_ command: String, after step: Int) throws -> Failure {
    interrupter.step = step
    defer {
      interrupter.step = nil
      shell.session.work.cancellation.reset()
    }
    return try shell.failure(command)
  }

  private func curves(_ name: String) throws -> [Column] {
    try shell.table("curves \(name)").columns.filter { $0.name != "run" }
  }

  private func runs(_ column: String) throws -> Column.Values? { try shell.table("runs")[column]?.values }

  @Test("A training that was stopped in its third epoch goes on to the same tensors and curves as one without a break")
  func sameBits() throws {
    let whole = try shell.table("\(Self.train) as whole")
    let failure = try stop("\(Self.train) as broken", after: 5)
    #expect(failure.kind == .interrupted && failure.message.contains("`broken` holds the twin after epoch 1"))
    #expect(failure.hint == "`resume broken` goes on from there")
    #expect(try shell.table("runs | where run == 'broken'")["state"]?.values == .string(["stopped"]))
    #expect(try shell.table("runs | where run == 'broken'")["epochs"]?.values == .int([2]))
    #expect(try shell.table("curves broken --metric train_loss").rowCount == 4)
    try shell.run("clean --caches")
    let rest = try shell.table("resume broken")
    #expect(rest.columns == whole.columns)
    #expect(try curves("broken") == curves("whole"))
    #expect(try shell.table("diff whole broken --tensors | where changed > 0").rowCount == 0)
    #expect(try shell.table("runs | where run == 'broken'")["state"]?.values == .string(["finished"]))
    #expect(try shell.failure("resume broken").message.contains("is finished: all steps were taken"))
  }

  @Test("The best epoch of a training that went on is not stale: the same entry made it")
  func bestIsFresh() throws {
    // A rate at which the score falls at once, so that the best epoch is from before the stop.
    let command = "train twin on sim/gaborium --epochs 4 --epoch-steps 1 --batch-size 8 --lr 0.05 as t"
    _ = try stop(command, after: 3)
    try shell.run("resume t")
    #expect(try shell.names().contains("t-best"))
    #expect(try shell.table("status").rowCount == 0)
  }

  @Test("The same command goes on with a training that was stopped; with --replace it begins again")
  func sameCommand() throws {
    _ = try stop("\(Self.train) as t", after: 3)
    #expect(try shell.failure("\(Self.train) --seed 5 as t").kind == .conflict)
    try shell.run("\(Self.train) as t")
    #expect(shell.allNotes.contains("`t` continues after epoch 0: 2 of 8 steps are done"))
    _ = try stop("\(Self.train) as t --replace", after: 3)
    #expect(try runs("epochs") == .int([1]))
  }

  @Test("Undo takes back what resume has added, then the whole training; clean keeps what undo can reach")
  func undo() throws {
    _ = try stop("\(Self.train) as t", after: 5)
    let loss = try curves("t")
    try shell.run("resume t; undo; clean")
    #expect(try runs("state") == .string(["stopped"]))
    #expect(try curves("t") == loss)
    try shell.run("resume t")
    #expect(try runs("epochs") == .int([4]))
    try shell.run("undo 2")
    #expect(try !shell.names().contains("t"))
  }

  @Test("A training that is stopped in its first epoch leaves the names as they were")
  func firstEpoch() throws {
    let before = try shell.names()
    let failure = try stop("\(Self.train) as t", after: 1)
    #expect(failure.kind == .interrupted)
    #expect(try shell.names() == before)
    try shell.run("\(Self.train) as t")
    let loss = try curves("t")
    _ = try stop("\(Self.train) --seed 3 as t --replace", after: 1)
    #expect(try curves("t") == loss)
  }

  @Test("A finished epoch's state is given up once the next one is kept")
  func space() throws {
    func objects() throws -> Int {
      let folder = URL(filePath: shell.folder + "/ws/objects")
      return FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects.compactMap {
        $0 as? URL
      }.count { !$0.hasDirectoryPath } ?? 0
    }
    let before = try objects()
    try shell.run("\(Self.train) --val-every 0 as t")
    // The tensors, the record, and the result of the entry.
    #expect(try objects() == before + 3)
  }

  @Test("A training whose start has changed since does not go on")
  func changedStart() throws {
    let copy = shell.folder + "/copy.ckpt"
    try FileManager.default.copyItem(atPath: Shell.template + "/checkpoints/twin.ckpt", toPath: copy)
    try shell.run("open \(copy) as copy --config \(Shell.template)/checkpoints/multi_sim_120_backimage.yaml")
    _ = try stop("train copy on sim/gaborium --epochs 3 --epoch-steps 2 --batch-size 8 as t", after: 3)
    try FileManager.default.removeItem(atPath: copy)
    try FileManager.default.copyItem(atPath: Fixtures.path("twin_lag0/twin_lag0.ckpt"), toPath: copy)
    let failure = try shell.failure("resume t")
    #expect(failure.message.contains("`t` can't go on: its start is not there as it was"), "\(failure.message)")
  }

  @Test("The start is the version that the training began with, whatever has its name now")
  func renamedStart() throws {
    _ = try stop("\(Self.train) as t", after: 5)
    try shell.run("freeze twin core; resume t; \(Self.train) as again --replace")
    #expect(try shell.table("diff t again --tensors | where changed > 0").rowCount > 0)
    try shell.run("unfreeze twin core; \(Self.train) as again --replace")
    #expect(try shell.table("diff t again --tensors | where changed > 0").rowCount == 0)
  }
}
