import Base
import Formats
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
    for (ours, theirs) in zip(try #require(curve["value"]?.numbers), try recorded.doubles("loss")) {
      #expect(abs((ours ?? 0) - theirs) <= 1e-3 * theirs)
    }
    for (name, session) in [("a", "Sim_2025-01-10"), ("b", "Sim_2025-01-17")] {
      let scores = try #require(try shell.table("eval t2 on \(name)/backimage")["bits_per_spike"]?.numbers)
      for (ours, theirs) in zip(scores, try recorded.doubles("bps_after/\(session)")) {
        #expect(abs((ours ?? 0) - theirs) <= 0.002)
      }
    }
    let changed = try shell.table("diff t t2 --tensors | where changed > 0")
    #expect(changed.rowCount == 10)
    #expect(try shell.table("runs")["run"]?.values == .string(["t2"]))
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
    let score = try #require(first["val_bits_per_spike"]?.numbers?.last ?? nil)
    let cells = try #require(try shell.table("eval first on sim/gaborium")["bits_per_spike"]?.numbers).compactMap(
      \.self)
    #expect(abs(score - cells.reduce(0, +) / Double(cells.count)) < 1e-5)
    #expect(try shell.failure("curves twin").message.contains("was not trained by vcsh"))
    #expect(try shell.failure("curves first --metric train_lss").hint == "did you mean `train_loss`?")
  }

  @Test(
    "What can't be trained, or would do nothing, is refused before the first step",
    arguments: [
      ("train twin on sim/gaborium --lr 0", "--lr must be a number above 0"),
      ("train twin on sim/gaborium --warmup 2", "--warmup does nothing with --schedule none"),
      ("train twin on sim/gaborium --schedule cosine_warmup --epochs 3", "a warm-up of 5 epochs takes all of the 3"),
      ("train twin on sim/gaborium --optimiser sgd --continue-optimiser", "--continue-optimiser takes AdamW's state"),
      ("train twin on sim/gaborium --batches nowhere.npz", "no such file"),
      ("train twin on sim/gaborium --epochs 0", "--epochs must be at least 1"),
      ("train twin on nova/backimage", "has no head for session Nova_2025-02-03"),
      ("freeze twin '*'; train twin on sim/gaborium", "nothing is left to train"),
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
  }

  @Test("A trained twin that was exported opens again with the same tensors, configuration, sessions and cids")
  func exported() throws {
    let shell = try Shell()
    try shell.run("train twin on sim/gaborium as tuned --steps 2 --batch-size 8")
    let path = shell.folder + "/tuned.safetensors"
    try shell.run("export tuned \(path); open \(path) as again")
    #expect(try shell.table("diff tuned again --tensors | where changed > 0").rowCount == 0)
    #expect(try shell.table("eval again on sim/gaborium").columns == shell.table("eval tuned on sim/gaborium").columns)
    #expect(try shell.failure("export tuned \(shell.folder)/tuned.npz").message.contains("written as .safetensors"))
  }
}
