import Base
import Formats
import Foundation
import RunLogs
import Runs
import TestSupport
import Testing

@Suite struct RunAlarmTests {
  private func log(_ name: String, _ values: [Double]) -> RunLog {
    var log = RunLog()
    var curve = MetricCurve(name)
    for (epoch, value) in values.enumerated() { curve.append(step: 10 * epoch, epoch: epoch, value) }
    log.curves = [curve]
    return log
  }

  @Test("A loss that rises in each of K epochs is an alarm; one that falls once in them is not") func rising() {
    let alarms = LogAlarms(risingEpochs: 3)
    #expect(alarms.alarms("a", log("val_loss", [3, 2, 2.1, 2.2, 2.3])).map(\.kind) == [.rising])
    #expect(alarms.alarms("a", log("val_loss", [3, 2, 2.1, 2.0, 2.3])).isEmpty)
    #expect(alarms.alarms("a", log("val_loss", [2, 2.1, 2.2])).isEmpty)
    #expect(alarms.alarms("a", log("val_bps", [3, 2, 2.1, 2.2, 2.3])).isEmpty)
  }

  @Test("VisionCore's own signs of divergence, zeros where others write NaN, are one alarm") func diverged() throws {
    let set = try RunFolders.open("nan_visioncore")
    for run in set.runs where run.kind != .checkpoints {
      let found = LogAlarms(risingEpochs: 5).alarms(run.run, try set.log(run)).filter { $0.kind == .diverged }
      #expect(found.count == 1 && found.first?.text.contains("val_bps_overall is exactly 0 from epoch") == true)
    }
    #expect(LogAlarms(risingEpochs: 5).alarms("a", log("val_bps_overall", [0.1, 0, 0])).isEmpty)
    #expect(LogAlarms.kinds.contains(.diverged))
  }

  @Test("A metric that ends in NaN or infinity is an alarm with its first such step") func notFinite() throws {
    let set = try RunFolders.open("nan_plain")
    let run = try #require(set.runs.first { !$0.isBroken })
    let alarms = LogAlarms(risingEpochs: 5).alarms(run.run, try set.log(run))
    #expect(alarms.contains { $0.kind == .notFinite })
    let one = LogAlarms(risingEpochs: 5).alarms("a", log("train_loss", [1, .nan, 2, .nan, .infinity]))
    #expect(one.map(\.text) == ["train_loss is infinite from step 30"])
  }

  @Test(
    "Metrics that become NaN within an epoch are one alarm, which stays the same when others follow; a later cause is another"
  )
  func oneCause() {
    func curves(_ metrics: [(name: String, from: Int)], epochs: Int) -> RunLog {
      var log = RunLog()
      log.curves = metrics.map { metric in
        var curve = MetricCurve(metric.name)
        for epoch in 0..<epochs { curve.append(step: 10 * epoch, epoch: epoch, epoch < metric.from ? 1 : .nan) }
        return curve
      }
      return log
    }
    let metrics = [("val_loss", 4), ("train_loss", 3), ("grad_norm", 3), ("lr", 99), ("a", 4), ("b", 4), ("val_r", 9)]
    let alarms = LogAlarms(risingEpochs: 5)
    var board = AlarmBoard()
    let early = alarms.alarms("x", curves(metrics, epochs: 4))
    #expect(early.map(\.text) == ["grad_norm is NaN from step 30, then train_loss"])
    #expect(board.update("x", early, of: LogAlarms.kinds).count == 1)
    let later = alarms.alarms("x", curves(metrics, epochs: 6))
    #expect(later.map(\.text) == ["grad_norm is NaN from step 30, then train_loss, a, b and 1 more"])
    #expect(board.update("x", later, of: LogAlarms.kinds).isEmpty)
    let last = alarms.alarms("x", curves(metrics, epochs: 11))
    #expect(board.update("x", last, of: LogAlarms.kinds).map(\.text) == ["val_r is NaN from step 90"])
    #expect(board.keep(runs: ["x", "y"]).isEmpty && board.alarms.count == 2)
    #expect(board.keep(runs: ["y"]) == ["x"] && board.alarms.isEmpty)
  }

  @Test("A low-rate quartile that gets worse for three turns while the mean gets better is an alarm; less is none")
  func lowRate() {
    func alarms(_ low: [Double], _ all: [Double], _ metric: String = "bits_per_spike") -> [RunAlarm] {
      RecipeAlarms.alarms(
        "a", log("fast/low_rate_\(metric)", low).curves + log("fast/\(metric)", all).curves)
    }
    #expect(alarms([0.3, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4]).map(\.kind) == [.lowRate])
    #expect(alarms([0.3, 0.2, 0.25], [0.1, 0.2, 0.3]).isEmpty)
    #expect(alarms([0.3, 0.2, 0.1], [0.3, 0.2, 0.1]).isEmpty)
    #expect(alarms([0.3, 0.2], [0.1, 0.2]).isEmpty)
    #expect(alarms([0.3, .nan, 0.1], [0.1, 0.2, 0.3]).isEmpty)
    // A lower loss is the better one.
    #expect(alarms([0.1, 0.2, 0.3], [0.3, 0.2, 0.1], "nll").count == 1)
    #expect(RecipeAlarms.alarms("a", log("fast/low_rate_r", [0.3, 0.2, 0.1]).curves).isEmpty)
  }

  @Test("An alarm is told when it begins, and again only after it was over") func board() {
    var board = AlarmBoard()
    let alarm = RunAlarm("a", .rising, place: "val_loss", "up")
    #expect(board.update("a", [alarm], of: LogAlarms.kinds) == [alarm])
    #expect(board.update("a", [alarm], of: LogAlarms.kinds).isEmpty)
    #expect(board.update("b", [], of: LogAlarms.kinds).isEmpty && board.alarms == [alarm])
    #expect(board.update("a", [], of: RunPace.kinds).isEmpty && board.alarms == [alarm])
    #expect(board.update("a", [], of: LogAlarms.kinds).isEmpty && board.alarms.isEmpty)
    #expect(board.update("a", [alarm], of: LogAlarms.kinds) == [alarm])
  }

  @Test("Half the usual speed and a log that stands still are alarms; a restart begins anew") func pace() {
    var pace = RunPace()
    for look in 0..<20 { pace.look(time: Double(look), step: 10 * look) }
    #expect(pace.rate == 10 && pace.secondsLeft(to: 290) == 10)
    #expect(pace.alarms("a", now: 20, modified: 19, quietSeconds: 60).isEmpty)
    for look in 1...6 { pace.look(time: 19 + 4 * Double(look), step: 190 + 10 * look) }
    #expect(pace.alarms("a", now: 44, modified: 43, quietSeconds: 60).map(\.kind) == [.slow])
    #expect(pace.alarms("a", now: 200, modified: 43, quietSeconds: 60).map(\.kind) == [.still, .slow])
    pace.look(time: 50, step: 3)
    #expect(pace.moments.count == 1 && pace.rate == nil)
    for look in 0..<5_000 { pace.look(time: 60 + Double(look), step: 4 + look) }
    #expect(pace.moments.count <= 400 && pace.rate == 1)
  }

  @Test("Weights that are not finite are an alarm; what weight norm left behind is none")
  func weights() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/w.safetensors"
    let ones = [Float](repeating: 1, count: 16)
    let odd: [Float] = [.nan, .infinity] + Array(ones[2...])
    let dead: [Float] = [0, 0, 0, 0] + Array(ones[4...])
    try SafetensorsWriter.write(
      [
        NamedArray("convnet.a.weight", shape: [4, 2, 2], values: .float32(odd)),
        NamedArray("convnet.b.weight", shape: [4, 2, 2], values: .float32(dead)),
        NamedArray(
          "convnet.c.parametrizations.weight.original", shape: [4, 2, 2],
          values: .float32(dead)),
        NamedArray("convnet.c.parametrizations.weight.original0", shape: [4, 1, 1], values: .float32([1, 1, 1, 1])),
      ], to: path)
    let alarms = try WeightAlarms.alarms("x", path)
    #expect(alarms.map(\.kind) == [.weights, .deadChannels], "\(alarms.map(\.text))")
    #expect(alarms.map(\.place) == ["convnet.a.weight", "convnet.b.weight"])
    #expect(alarms.first?.text == "2 of 16 values of convnet.a.weight in w.safetensors are not finite")
  }

  @Test("Large tensors are looked at, too, piece by piece") func largeWeights() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/w.safetensors"
    var values = [Float](repeating: 1, count: 5 << 20)
    values[values.count - 1] = .infinity
    // The third of five channels.
    for place in 2 << 20..<3 << 20 { values[place] = 0 }
    var plain = [Float](repeating: 1, count: 5 << 20)
    plain[4_300_000] = .nan
    try SafetensorsWriter.write(
      [
        NamedArray("convnet.a.weight", shape: [5, 1024, 1024], values: .float32(values)),
        NamedArray("modulator.b.weight", shape: [1, 5 << 20], values: .float32(plain)),
      ], to: path)
    let alarms = try WeightAlarms.alarms("x", path)
    #expect(
      alarms.map(\.text) == [
        "1 of 5242880 values of convnet.a.weight in w.safetensors are not finite",
        "1 of 5 channels of convnet.a.weight have weights of 0 or nearly so in w.safetensors",
        "1 of 5242880 values of modulator.b.weight in w.safetensors are not finite",
      ])
  }

  /// A file with widths and a configuration that clamps them at 1.5; until epoch 10 the clamp falls from 4.
  private func alarms(widths: [Float], lambda: Double = 1.5, schedule: Bool = false, epoch: Int? = nil) throws
    -> [RunAlarm]
  {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var clamp: [ConfigNode.Entry] = [
      .init("type", .string("proximal_clamp_positive")), .init("lambda", .double(lambda)),
      .init("apply_to", .list([.string("readouts/std")])),
    ]
    if schedule {
      clamp.append(
        .init(
          "schedule",
          .map([
            .init("kind", .string("linear_decay")), .init("start_epoch", .int(0)), .init("end_epoch", .int(10)),
            .init("start_lambda", .double(4)),
          ])))
    }
    let model: ConfigNode = .map([
      .init("model_type", .string("v1multi")), .init("readout", .map([.init("type", .string("gaussian"))])),
      .init("regularization", .list([.map(clamp)])),
    ])
    let array = NamedArray("readouts.0.std", shape: [widths.count], values: .float32(widths))
    guard let epoch else {
      let path = folder + "/w.safetensors"
      try SafetensorsWriter.write([array], metadata: ["model_config_dict": model.jsonText()], to: path)
      return try WeightAlarms.alarms("x", path)
    }
    try NpzWriter.write([array], to: folder + "/w.npz")
    let tensor = try #require(try TorchTensor("readouts.0.std", of: NpzArchive(path: folder + "/w.npz")))
    let path = folder + "/w.ckpt"
    try TorchWriter.write(
      .dict([
        (.string("epoch"), .int(epoch)),
        (.string("state_dict"), .orderedDict([("model.readouts.0.std", .tensor(tensor))])),
        (.string("hyper_parameters"), PythonValue(.map([.init("model_config_dict", model)]))),
      ]), to: path)
    return try WeightAlarms.alarms("x", path)
  }

  @Test("Widths at the model's own clamp are an alarm; widths below it, and a few at it, are none") func widths() throws
  {
    let found = try alarms(widths: [1.5, 1.5, 0.4, 0.5])
    #expect(found.map(\.kind) == [.narrow] && found.first?.place == "readouts.0.std", "\(found.map(\.text))")
    #expect(found.first?.text == "2 of 4 widths of readouts.0.std are at the clamp of 1.5 in w.safetensors")
    // float32 does not hold 1.2 exactly.
    #expect(try alarms(widths: [1.2, 1.2], lambda: 1.2).count == 1)
    #expect(try alarms(widths: [1.499, 1.2, 0.4, 0.5]).isEmpty)
    #expect(try alarms(widths: [1.5] + [Float](repeating: 1, count: 9)).isEmpty)
    #expect(try alarms(widths: [0.001, 0.0005, 1.5, 1]).first?.text.contains("2 of 4 widths") == true)
  }

  @Test("While a clamp's schedule runs, the limit of the checkpoint's epoch counts") func scheduledClamp() throws {
    #expect(
      try alarms(widths: [2.75, 2.75, 1], schedule: true, epoch: 5).first?.text.contains("clamp of 2.75") == true)
    #expect(try alarms(widths: [1.5, 1.5, 1], schedule: true, epoch: 5).isEmpty)
    #expect(try alarms(widths: [1.5, 1.5, 1], schedule: true, epoch: 10).count == 1)
    #expect(try alarms(widths: [4, 4, 1], schedule: true, epoch: 0).count == 1)
  }

  @Test("A checkpoint that is half written is tried again, and is an alarm only when it stays so") func halfWritten()
    throws
  {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let whole = try Data(contentsOf: URL(filePath: Fixtures.path("twin/twin.ckpt")))
    let path = folder + "/epoch=03-val_bps_overall=0.4.ckpt"
    try whole.prefix(whole.count / 2).write(to: URL(filePath: path))
    var checkpoints = WatchedCheckpoints()
    func look(_ later: Double) throws -> [Int] {
      let run = try #require(RunSet(root: folder, now: 0).runs.first)
      return checkpoints.look(run, now: Date().timeIntervalSince1970 + later).map(\.epoch)
    }
    #expect(
      try look(0).isEmpty && checkpoints.isRetrying
        && checkpoints.alarms(folder.split(separator: "/").last.map(String.init) ?? "").isEmpty)
    #expect(try look(60).isEmpty && !checkpoints.isRetrying)
    let name = try #require(RunSet(root: folder, now: 0).runs.first).run
    #expect(checkpoints.alarms(name).map(\.kind) == [.unreadable])
    try whole.write(to: URL(filePath: path))
    #expect(try look(60).count == 1)
    #expect(!checkpoints.alarms(name).contains { $0.kind == .unreadable || $0.kind == .weights })
  }
}
