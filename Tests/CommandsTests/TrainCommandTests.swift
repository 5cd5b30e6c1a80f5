import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Training twins")
struct TrainCommandTests {
  /// A twin on its two sessions, as the recorded trainings have them.
  private func shell() throws -> Shell {
    let shell = try Shell(opened: false)
    let folder = Fixtures.shared("twin")
    try shell.run("open \(folder)/twin.ckpt as t --config \(folder)/multi_sim_120_backimage.yaml")
    try shell.run("open \(folder)/Sim_2025-01-10 as a --config \(folder)/multi_sim_120_all.yaml")
    try shell.run("open \(folder)/Sim_2025-01-17 as b --config \(folder)/multi_sim_120_all.yaml")
    return shell
  }

  @Test(
    "A recorded order replays by command: losses, held-out scores, and nothing of a frozen part moves",
    .enabled(if: Fixtures.hasShared))
  func replay() throws {
    let shell = try shell()
    let path = Fixtures.shared("finetune/readouts.npz")
    let recorded = try NpzArchive(path: path)
    try shell.run("freeze t core adapter")
    let table = try shell.table(
      "train t on a/backimage,b/backimage as t2 --batches \(path) --core-lr-scale 0.5 --weight-decay 1e-4")
    #expect(table["epoch"]?.values == .int([17, 18, 19]) && table["steps"]?.values == .int([20, 20, 20]))
    let curve = try shell.table("curves t2 --metric train_loss")
    #expect(curve.names == ["run", "metric", "step", "epoch", "value"])
    #expect(curve["step"]?.values == .int(Array(1...60)))
    let losses = try curve.known("value")
    #expect(try losses.count == recorded.doubles("loss").count)
    for (ours, theirs) in zip(losses, try recorded.doubles("loss")) { #expect(abs(ours - theirs) <= 1e-3 * theirs) }
    for (name, session) in [("a", "Sim_2025-01-10"), ("b", "Sim_2025-01-17")] {
      let scores = try shell.table("eval t2 on \(name)/backimage").numbers("bits_per_spike")
      let theirs = try recorded.doubles("bps_after/\(session)").map { $0.isNaN ? nil : $0 }
      expectClose(scores, theirs, within: 0.002, "\(session)")
    }
    let changed = try shell.table("diff t t2 --tensors | where changed > 0")
    #expect(changed.rowCount == 10)
    #expect(try shell.table("runs")["run"]?.values == .string(["t2"]))
  }

  @Test("A recorded order that trains on a held-out trial is refused before the first step")
  func heldOutFrames() throws {
    let shell = try Shell()
    try shell.run("predict twin on sim/gaborium as held; predict twin on sim/gaborium --split train as own")
    func order(_ name: String) throws -> String {
      try shell.run("export \(name) \(shell.folder)/\(name).npz")
      let frames = try NpzArchive(path: "\(shell.folder)/\(name).npz").integers("idx").prefix(8)
      let path = "\(shell.folder)/\(name)-order.npz"
      let zero = ["row_step", "row_epoch", "row_micro", "row_dataset"].map {
        NamedArray($0, shape: [1], values: .int64([0]))
      }
      try NpzWriter.write(zero + [NamedArray("row_frames", shape: [1, 8], values: .int64(Array(frames)))], to: path)
      return path
    }
    let failure = try shell.failure("train twin on sim/gaborium as t --batches \(try order("held"))")
    #expect(failure.kind == .mismatch && failure.message.contains("which is in a held-out trial"), "\(failure.message)")
    #expect(failure.message.contains("step 0 trains on frame"))
    #expect(try shell.table("train twin on sim/gaborium as t --batches \(try order("own"))").rowCount == 1)
  }

  @Test("A short training of the demo's twin is repeatable, keeps its curves, and leaves the first twin as it is")
  func repeatable() throws {
    let shell = try Shell()
    let before = try shell.table("eval twin on sim/gaborium")
    let command = "train twin on sim/gaborium --epochs 2 --epoch-steps 2 --batch-size 8 --lr 0.01"
    let first = try shell.table("\(command) as first")
    let second = try shell.table("\(command) as second")
    #expect(first.columns == second.columns && first.rowCount == 2)
    #expect(try shell.table("eval twin on sim/gaborium") == before)
    #expect(try shell.table("curves first,second --metric val_bits_per_spike").rowCount == 4)
    let losses = try first.known("train_loss")
    #expect(try shell.table("runs | where run == 'first'").known("train_loss") == [try #require(losses.last)])
    let score = try #require(first["val_bits_per_spike"]?.numbers?.last ?? nil)
    let cells = try #require(try shell.table("eval first on sim/gaborium")["bits_per_spike"]?.numbers).compactMap(
      \.self)
    #expect(abs(score - cells.reduce(0, +) / Double(cells.count)) < 1e-5)
    #expect(try shell.failure("curves twin").message.contains("was not trained by vcsh"))
    #expect(try shell.failure("curves first --metric train_lss").hint == "did you mean `train_loss`?")
  }

  @Test("A training in which no epoch beats its start says so, and its curves have no other rows")
  func startIsBest() throws {
    let shell = try Shell()
    let train = "--epochs 2 --epoch-steps 2 --batch-size 8"
    let worse = try shell.table("train twin on sim/gaborium as worse \(train) --lr 1")
    let words = "no epoch beats the twin that the training started from"
    #expect(worse.note?.contains(words) == true, "\(worse.note ?? "")")
    #expect(try shell.table("curves worse --metric val_bits_per_spike").known("step") == [2, 4])
    // A start of random tensors, whose rates are far too high, is beaten by the first steps.
    try shell.run(
      "new \(Shell.template)/checkpoints/twin.ckpt --data \(Shell.template)/checkpoints/multi_sim_120_backimage.yaml as fresh"
    )
    let better = try shell.table("train fresh on sim/gaborium as better \(train) --lr 0.03")
    #expect(better.note?.contains(words) == false, "\(better.note ?? "")")
    // Where no epoch is scored, the start is not either.
    let unscored = try shell.table("train twin on sim/gaborium as unscored \(train) --lr 0.3 --val-every 0")
    #expect(unscored.note?.contains(words) == false)
  }

  @Test(
    "What can't be trained, or would do nothing, is refused before the first step",
    arguments: [
      ("train twin on sim/gaborium --lr 0", "--lr must be a number above 0"),
      ("train twin on sim/gaborium --warmup 2", "--warmup does nothing with --schedule none"),
      ("train twin on sim/gaborium --schedule cosine --lr-every 2", "--lr-every does nothing with --schedule cosine"),
      ("train twin on sim/gaborium --schedule step --epochs 30", "--schedule step lowers the rate every 30 epochs"),
      ("train twin on sim/gaborium --schedule plateau --epochs 5", "waits for 5 validations, and there are 5"),
      (
        "train twin on sim/gaborium --schedule plateau --epochs 9 --val-every 0",
        "waits for 5 validations, and there are 0"
      ),
      ("train twin on sim/gaborium --penalty recent_pooled_N1=1", "--penalty recent_pooled_N1 does nothing"),
      ("train twin on sim/gaborium --penalty lowfreq_ratio_fc1000=1", "--penalty lowfreq_ratio_fc1000 does nothing"),
      (
        "train twin on sim/gaborium as moved --steps 1 --batch-size 4; train moved on sim/gaborium --continue-optimiser",
        "belongs to its weights, and those of `moved` have changed"
      ),
      ("new nothere.yaml as nw", "nothere.yaml: no such file"),
      ("rf twin 3 on sim/gaborium --windows 8", "--windows does nothing without --gradient"),
      ("mei twin 3 on sim/gaborium --starts 1 --diversity 2", "--diversity does nothing with one start"),
      ("transfer twin to nova/backimage --draws 2", "--draws does nothing without --curve"),
      ("train twin on sim/gaborium --sampler mixed", "--sampler mixed does nothing with one stimulus"),
      ("freeze twin core; train twin on sim/gaborium --core-lr-scale 0.5", "--core-lr-scale does nothing: the core is"),
      ("freeze twin readout; train twin on sim/gaborium --init-bias", "--init-bias does nothing: the readout biases"),
      ("train twin on sim/gaborium --cells 'rate_hz > 1e9'", "--cells leaves no cell with a valid training bin"),
      ("train twin on sim/gaborium --cells 'rate > 1'", "rate"),
      ("train twin on sim/gaborium --cells 1,3,7", "--cells takes a condition, not a list of ids"),
      ("train twin on sim/gaborium --cells 'rate_hz +'", "the text ends where a value is expected"),
      ("drop sim; train twin", "no recording with backimage of `twin`'s sessions is open"),
      ("train twin on sim/gaborium --schedule cosine_warmup --epochs 3", "a warm-up of 5 epochs takes all of the 3"),
      ("train twin on sim/gaborium --optimiser sgd --continue-optimiser", "--continue-optimiser takes AdamW's state"),
      ("train twin on sim/gaborium --batches nowhere.npz", "no such file"),
      ("train twin on sim/gaborium --epochs 0", "--epochs must be at least 1"),
      ("train twin on nova/backimage", "has no head for session Nova_2025-02-03"),
      ("freeze twin '*'; train twin on sim/gaborium", "nothing is left to train"),
      ("train twin on sim/gaborium --batch-size 100000", "--batch-size 100000 is more than the"),
      ("train twin on sim/gaborium,sim/gaborium", "sim/gaborium is named twice"),
    ])
  func refusals(command: String, message: String) throws {
    let shell = try Shell()
    let failure = try shell.failure(command)
    #expect(failure.message.contains(message), "\(failure.message)")
    #expect(try shell.names().contains("twin-trained") == false)
  }

  @Test("A training that diverges ends, names the layer and keeps the last finished epoch")
  func diverged() throws {
    let shell = try Shell()
    let failure = try shell.failure(
      "train twin on sim/gaborium as wild --epochs 40 --epoch-steps 1 --batch-size 8 --lr 1e20 --val-every 0")
    #expect(failure.kind == .undefined)
    #expect(failure.message.contains("the training has diverged: `adapters.1`"))
    #expect(failure.hint?.contains("`wild` holds the twin after epoch") == true)
    #expect(try shell.table("curves wild --metric train_loss").rowCount > 0)
    let early = try shell.failure(
      "train twin on sim/gaborium as early --epoch-steps 40 --batch-size 8 --lr 1e20 --val-every 0")
    #expect(early.hint == "lower the learning rate or set --clip; no epoch was finished, so nothing is kept")
    #expect(try !shell.names().contains("early"))
  }

  @Test("A trained twin that was exported opens again with the same tensors, configuration, sessions and cids")
  func exported() throws {
    let shell = try Shell()
    try shell.run("train twin on sim/gaborium as tuned --steps 2 --batch-size 8")
    let path = shell.folder + "/tuned.safetensors"
    try shell.run("export tuned \(path); open \(path) as again")
    #expect(try shell.table("diff tuned again --tensors | where changed > 0").rowCount == 0)
    #expect(try shell.table("eval again on sim/gaborium").columns == shell.table("eval tuned on sim/gaborium").columns)
    #expect(
      try shell.failure("export tuned \(shell.folder)/tuned.npz").message.contains("written as .ckpt or .safetensors"))
  }

  @Test("Where the model's penalty is unknown, or the checkpoint has no optimiser state, one line says so")
  func missing() throws {
    let shell = try Shell()
    let folder = Shell.template + "/checkpoints"
    let model = """
      model_type: v1multi
      adapter: {type: adapter, params: {grid_size: 5}}
      frontend: {type: learnable_temporal, params: {kernel_size: 12, num_channels: 2, bias: false}}
      convnet: {type: none, params: {}}
      readout: {type: gaussian, params: {bias: true, initial_std: 1.0}}
      output_activation: softplus
      regularization: [{name: odd, type: l3, lambda: 1, apply_to: [readouts]}]
      """
    try Data(model.utf8).write(to: URL(filePath: shell.folder + "/model.yaml"))
    try shell.run("new \(shell.folder)/model.yaml --data \(folder)/multi_sim_120_backimage.yaml as odd")
    let penalty = try shell.failure("train odd on sim/gaborium")
    #expect(penalty.message.contains("regularization.0: unknown penalty `l3`"))
    try shell.run("new \(folder)/twin.ckpt --data \(folder)/multi_sim_120_backimage.yaml as fresh")
    let state = try shell.failure("train fresh on sim/gaborium --continue-optimiser")
    #expect(state.message.contains("holds no optimiser state") && state.hint == "train without --continue-optimiser")
  }

  @Test("L-BFGS on fixed frames lowers the loss in every step, and refuses what it has no use for")
  func quasiNewton() throws {
    let shell = try Shell()
    try shell.run("freeze twin core adapter")
    let table = try shell.table(
      "train twin on sim/gaborium as sharp --optimiser lbfgs --batch-size 48 --epochs 6 --val-every 0")
    let losses = try #require(table["train_loss"]?.numbers).compactMap(\.self)
    #expect(losses.count == 6)
    for (earlier, later) in zip(losses, losses.dropFirst()) { #expect(later < earlier) }
    #expect(
      try shell.failure("train twin on sim/gaborium as b --optimiser lbfgs --clip 1").message.contains(
        "--clip does nothing with --optimiser lbfgs"))
  }

  @Test("Only the chosen cells count: readouts of the others stay to the bit")
  func cells() throws {
    let shell = try Shell()
    try shell.run("freeze twin core adapter")
    try shell.run(
      "train twin on sim/gaborium as some --cells 'cid < 4' --steps 3 --batch-size 16 --weight-decay 0 --lr 0.01")
    let before = try Checkpoint(path: Shell.template + "/checkpoints/twin.ckpt").tensor("readouts.1.bias").values
    let path = shell.folder + "/some.safetensors"
    try shell.run("export some \(path)")
    let after = try Checkpoint(path: path).tensor("readouts.1.bias").values
    #expect(before[4...] == after[4...])
    #expect(zip(before[..<4], after[..<4]).allSatisfy { $0 != $1 })
    #expect(shell.allNotes.contains(/cells +4 of 16 +flag/))
    #expect(shell.allNotes.contains(/lr +0.01 +flag +readouts[^:]*: \d+ tensors, \d+ values/))
    #expect(shell.allNotes.contains("1 stimulus, "))
  }

  @Test(
    "Without `on` a twin trains on the open stimuli of its own configuration; the plan says where settings come from",
    .enabled(if: Fixtures.hasShared))
  func configured() throws {
    let shell = try shell()
    try shell.run("train t as t2 --steps 1 --batch-size 8 --lr 0.002 --val-every 0")
    #expect(try shell.table("runs")["stimuli"]?.values == .string(["a/backimage b/backimage"]))
    let lines = shell.allNotes.split(separator: "\n").map(String.init)
    #expect(lines.contains { $0.hasPrefix("on ") && $0.contains("the model's configuration") })
    #expect(lines.contains { $0.hasPrefix("lr ") && $0.contains("0.002") && $0.contains("flag") })
    #expect(lines.contains { $0.hasPrefix("weight-decay ") && $0.contains("1e-05") && $0.contains("default") })
  }

  @Test("An untrained twin starts at the mean counts and learns")
  func fromNothing() throws {
    let shell = try Shell()
    let folder = Shell.template + "/checkpoints"
    try shell.run("new \(folder)/twin.ckpt --data \(folder)/multi_sim_120_backimage.yaml --seed 2 as fresh")
    let row = try shell.table("eval fresh on sim/gaborium | summarize mean(bits_per_spike)")
    let table = try shell.table(
      "train fresh on sim/gaborium as grown --init-bias --epochs 2 --epoch-steps 3 --batch-size 16 --lr 0.003")
    let score = try #require(table["val_bits_per_spike"]?.numbers?.last ?? nil)
    let start = try #require(row["mean_bits_per_spike"]?.numbers?.first ?? nil)
    #expect(score > start + 0.1)
    #expect(try shell.table("params grown").rowCount == shell.table("params fresh").rowCount)
    #expect(
      try shell.run("new \(folder)/twin.ckpt --data \(folder)/multi_sim_120_backimage.yaml --seed 2 as twice") != .null)
    #expect(try shell.table("diff fresh twice --tensors | where changed > 0").rowCount == 0)
  }

  @Test(
    "A twin that learns a teacher's rates from its own start replays by command: losses, course and scores",
    .enabled(if: Fixtures.hasShared))
  func taught() throws {
    let shell = try shell()
    let path = Fixtures.shared("finetune/scratch_teacher.npz")
    let recorded = try NpzArchive(path: path)
    let model = Fixtures.shared("finetune/scratch_teacher_config.yaml")
    // The recorded start in place of random values.
    let start = try recorded.arrayNames.filter { $0.hasPrefix("init/") }.map {
      NamedArray(String($0.dropFirst(5)), try recorded.tensor($0))
    }
    try SafetensorsWriter.write(start, to: shell.folder + "/start.safetensors")
    let parent = Fixtures.shared("twin/multi_sim_120_backimage.yaml")
    try shell.run("open \(shell.folder)/start.safetensors as student --model \(model) --config \(parent)")
    try shell.run(
      "train student on a/backimage,b/backimage as taught --teacher t --batches \(path) --weight-decay 1e-4 --clip 1")
    let losses = try recorded.doubles("loss")
    let found = try #require(try shell.table("curves taught --metric train_loss")["value"]?.numbers).compactMap(\.self)
    #expect(found.count == 300)
    for (index, (ours, theirs)) in zip(found, losses).prefix(40).enumerated() {
      #expect(abs(ours - theirs) <= 1e-3 * theirs, "loss of step \(index)")
    }
    for first in stride(from: 0, to: 300, by: 30) {
      let (ours, theirs) = (found[first..<first + 30].reduce(0, +) / 30, losses[first..<first + 30].reduce(0, +) / 30)
      #expect(abs(ours - theirs) <= 0.005, "steps \(first) to \(first + 29)")
    }
    for session in ["Sim_2025-01-10", "Sim_2025-01-17"] {
      let curve = try shell.table("curves taught --metric val_bits_per_spike/\(session)")
      let ours = try #require(curve["value"]?.numbers?.last ?? nil)
      let theirs = try recorded.doubles("bps_after/\(session)").filter(\.isFinite)
      #expect(abs(ours - theirs.reduce(0, +) / Double(theirs.count)) <= 0.03, "\(session)")
    }
  }
}
