import Base
import Formats
import Foundation
import RunLogs
import Runs
import TestSupport
import Testing

@Suite("States told from the planned epochs")
struct PlannedEpochsTests {
  private static let now = 1_800_000_000.0

  /// A folder with a log of Lightning: 10 steps an epoch, with a validation at the end of each.
  ///
  /// - Parameters:
  ///   - age: seconds since the log was last written to.
  ///   - lasting: seconds from the settings' file to then.
  ///   - tail: rows behind.
  private func folder(
    epochs: ClosedRange<Int> = 0...8, settings: String?, age: Double = 11 * 86_400, lasting: Double = 0,
    tail: String = ""
  ) throws -> String {
    let folder = try Fixtures.temporaryFolder()
    let run = folder + "/out/run"
    try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
    var lines = ["epoch,step,train_loss_step,val_loss"]
    for epoch in epochs {
      for step in [0, 5] { lines.append("\(epoch),\(10 * epoch + step),0.5,") }
      lines.append("\(epoch),\(10 * epoch + 9),,0.\(20 - epoch)")
    }
    try (lines.joined(separator: "\n") + "\n" + tail).write(
      toFile: run + "/metrics.csv", atomically: false, encoding: .utf8)
    let written = Date(timeIntervalSince1970: Self.now - age)
    try FileManager.default.setAttributes([.modificationDate: written], ofItemAtPath: run + "/metrics.csv")
    if let settings {
      try settings.write(toFile: run + "/hparams.yaml", atomically: false, encoding: .utf8)
      try FileManager.default.setAttributes(
        [.modificationDate: written - lasting], ofItemAtPath: run + "/hparams.yaml")
    }
    return folder
  }

  private func look(_ folder: String, later: Double = 0, index: [UInt8] = []) throws -> RunSet {
    try RunSet(root: folder, index: index, now: Self.now + later)
  }

  private func run(
    epochs: ClosedRange<Int> = 0...8, _ settings: String, age: Double = 11 * 86_400, lasting: Double = 0,
    tail: String = ""
  ) throws -> RunSummary {
    let folder = try folder(epochs: epochs, settings: settings, age: age, lasting: lasting, tail: tail)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try #require(look(folder).runs.first)
  }

  @Test("A run with all planned epochs is finished; an old one without them was killed or stopped") func ended() throws
  {
    let whole = try run("max_epochs: 9\n")
    #expect(whole.state == .finished && whole.evidence == "it has all of its 9 planned epochs", "\(whole.evidence)")
    let short = try run("max_epochs: 20\n")
    #expect(short.state == .killed)
    #expect(
      short.evidence
        == "it has 9 of the 20 planned epochs and has logged nothing for more than a day: it was killed or stopped")
    #expect(try run("trainer:\n  max_epochs: 9\n").state == .finished)
    #expect(try run("max_epochs: 10\n", tail: "9,90,0.5,\n").state == .killed)
  }

  @Test("A log that has just grown is finished with its last planned epoch, and runs before it") func fresh() throws {
    #expect(try run("max_epochs: 9\n", age: 5, lasting: 900).state == .finished)
    #expect(try run("max_epochs: 20\n", age: 5, lasting: 900).state == .running)
    // The last epoch has begun.
    #expect(try run("max_epochs: 10\n", age: 5, lasting: 900, tail: "9,90,0.5,\n").state == .running)
  }

  @Test("A plan in the script's run_config.txt counts; one without a limit, and one that the log exceeds, tell nothing")
  func otherPlans() throws {
    let folder = try folder(settings: nil)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "# host: a\nmax_epochs=9\nbatch_size=32\n".write(
      toFile: folder + "/out/run_config.txt", atomically: false, encoding: .utf8)
    #expect(try look(folder).runs.first?.state == .finished)
    for plan in ["9999", "-1", "8", "null", "many"] {
      let run = try run("max_epochs: \(plan)\n")
      #expect(run.state == .unknown && run.evidence == "this kind of log doesn't tell how a training ended", "\(plan)")
    }
    #expect(try run("lr_scheduler:\n  max_epochs: 20\n").state == .unknown)
  }

  @Test("Early stopping and limits of steps or time may have ended a run before its plan")
  func otherEnds() throws {
    for setting in ["early_stopping_patience: 5", "max_steps: 90", "trainer:\n  max_time: 00:12:00:00"] {
      let run = try run("max_epochs: 20\n\(setting)\n")
      #expect(run.state == .unknown && run.evidence.contains("may have ended it"), "\(run.evidence)")
    }
    #expect(try run("max_epochs: 20\nearly_stopping_patience: null\nmax_steps: -1\n").state == .killed)
    #expect(try run("max_epochs: 9\nearly_stopping_patience: 5\n").state == .finished)
  }

  @Test("A log that begins in epoch 1 counts from 1, or goes on from another one: what both mean alike is told")
  func countedFromOne() throws {
    #expect(try run(epochs: 1...9, "max_epochs: 9\n").state == .finished)
    #expect(try run(epochs: 1...8, "max_epochs: 9\n").state == .unknown)
    #expect(try run(epochs: 1...5, "max_epochs: 9\n").state == .killed)
    #expect(try run(epochs: 4...8, "max_epochs: 9\n").state == .finished)
  }

  @Test("How long a silent run may still run depends on its pace; it is told anew when that time is over") func age()
    throws
  {
    // 9 epochs in 90 minutes: three take half an hour.
    let slow = try run("max_epochs: 20\n", age: 3600, lasting: 5400)
    #expect(slow.state == .killed && slow.evidence.contains("for more than 30 min 0 s:"), "\(slow.evidence)")
    #expect(try run("max_epochs: 20\n", age: 1200, lasting: 5400).state == .unknown)
    let folder = try folder(settings: "max_epochs: 20\n", age: 7200)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = try look(folder)
    #expect(first.runs.first?.state == .unknown)
    #expect(first.runs.first?.evidence.hasSuffix("it has 9 of the 20 planned epochs, and may still run") == true)
    let second = try look(folder, later: 3600, index: first.index)
    #expect(second.readCount == 0 && second.runs == first.runs)
    let third = try look(folder, later: 86_400, index: second.index)
    #expect(third.readCount == 1 && third.runs.first?.state == .killed)
    #expect(try look(folder, later: 2 * 86_400, index: third.index).readCount == 0)
  }

  @Test("A run that MLflow calls running for days is told from its plan, too") func mlflow() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func write(_ text: String, to name: String) throws {
      let path = "\(folder)/run/\(name)"
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    try write(
      "run_id: a\nrun_name: a\nstatus: 1\nstart_time: 1700000000000\nlifecycle_stage: active\n", to: "meta.yaml")
    try write((0..<3).map { "1700000001000 0.5 \(10 * $0 + 9)\n" }.joined(), to: "metrics/val_loss")
    try write((0..<3).map { "1700000001000 \($0) \(10 * $0 + 9)\n" }.joined(), to: "metrics/epoch")
    func state(_ planned: Int) throws -> RunState? {
      try write("\(planned)", to: "params/max_epochs")
      return try RunSet(root: folder, now: 1_700_000_001 + 3 * 86_400).runs.first?.state
    }
    #expect(try state(3) == .finished)
    #expect(try state(9) == .killed)
    #expect(try state(9999) == .unknown)
  }

  /// A checkpoint of Lightning after an epoch, with or without EarlyStopping, which has not acted.
  private func checkpoint(epoch: Int, stopping: Bool, in folder: String) throws {
    let arrays = folder + "/w.npz"
    try NpzWriter.write([NamedArray("w", shape: [2], values: .float32([1, 2]))], to: arrays)
    let tensor = try #require(try TorchTensor("w", of: NpzArchive(path: arrays)))
    try FileManager.default.removeItem(atPath: arrays)
    let callbacks: ConfigNode = .map(
      stopping ? [.init("EarlyStopping{'monitor': 'val_loss'}", .map([.init("stopped_epoch", .int(0))]))] : [])
    try TorchWriter.write(
      .dict([
        (.string("epoch"), .int(epoch)), (.string("global_step"), .int(10 * (epoch + 1))),
        (.string("pytorch-lightning_version"), .string("2.6.0")),
        (.string("state_dict"), .orderedDict([("model.w", .tensor(tensor))])),
        (.string("callbacks"), PythonValue(callbacks)),
      ]), to: "\(folder)/epoch=0\(epoch)-val_loss=0.4.ckpt")
  }

  @Test(
    "EarlyStopping in a checkpoint may have acted after it; a checkpoint of the last epoch shows that it has not",
    arguments: [(5, true, RunState.unknown), (8, true, RunState.killed), (5, false, RunState.killed)])
  func stopping(epoch: Int, stopping: Bool, state: RunState) throws {
    let folder = try folder(settings: "max_epochs: 20\n")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try checkpoint(epoch: epoch, stopping: stopping, in: folder + "/out/run")
    let run = try #require(look(folder).runs.first)
    #expect(run.checkpoints.count == 1 && run.state == state, "\(run.state) \(run.evidence)")
  }

  @Test("Epochs are planned under the names of VisionCore, Lightning and others, not those of a scheduler")
  func names() {
    func planned(_ settings: [(String, ConfigNode)]) -> Int? {
      var run = RunSummary(kind: .lightning, folder: "a", files: [])
      run.parameters = settings.map { .init($0.0, $0.1) }
      return PlannedEpochs.of(run)
    }
    #expect(planned([("max_epochs", .int(7))]) == 7)
    #expect(planned([("epochs", .int(3)), ("trainer.max_epochs", .int(7))]) == 7)
    #expect(planned([("trainer/max_epochs", .string("7"))]) == 7)
    #expect(planned([("num_epochs", .double(7))]) == 7)
    let others: [(String, ConfigNode)] = [
      ("warmup_epochs", .int(7)), ("scheduler.max_epochs", .int(7)), ("max_epochs", .double(7.5)),
      ("max_epochs", .double(1e300)), ("max_epochs", .double(.nan)), ("max_epochs", .int(0)),
    ]
    for (name, value) in others {
      #expect(planned([(name, value)]) == nil, "\(name) \(value)")
    }
  }
}
