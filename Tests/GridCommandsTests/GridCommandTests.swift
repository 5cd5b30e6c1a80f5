import Base
import Foundation
import TestSupport
import Testing

@Suite("grid")
struct GridCommandTests {
  private let model = "--base \(Home.template)/checkpoints/model.yaml"
  private let data = "--data \(Home.template)/recordings/multi_sim_120_all.yaml"

  @Test("A grid is made, shown, extended, cut down and undone")
  func life() throws {
    let home = try Home()
    let made = try home.table(
      "grid new g \(model) \(data) --axis learning_rate=1e-3,3e-3 --axis sessions=all,single --seeds 2")
    #expect(made.rowCount == 16)
    #expect(made.names.prefix(4) == ["run", "learning_rate", "sessions", "seed"])
    #expect(try home.table("grid add g --axis learning_rate=0.01 --where \"seed == 0\"").rowCount == 20)
    #expect(try home.table("grid drop g --where \"sessions != 'all'\"").rowCount == 5)
    #expect(try home.table("grid show g").rowCount == 5)
    try home.run("undo")
    #expect(try home.table("show g").rowCount == 20)
    #expect(try home.strings("ls grid", "name") == ["g"])
  }

  @Test("What may have been done is told by its settings, and not as done while its model is unknown")
  func done() throws {
    let home = try Home()
    try home.run("open \(Home.template)/runs as old")
    let done = try home.strings(
      "grid new g \(model) --axis convnet.params.block_configs.0.norm_type=grn,layer --axis learning_rate=0.003 --seeds 2",
      "done_state")
    for seed in 0...1 {
      #expect(done[seed]?.hasPrefix("perhaps old/resnet_grn_bs32_lr0.003_wd0.0001_seed\(seed) (") == true)
    }
    #expect(done[2...] == [nil, nil])
    #expect(try home.strings("grid show g", "done") == [nil, nil, nil, nil])
  }

  @Test("A condition on an axis's path is told the name of its column") func conditionOnPath() throws {
    let home = try Home()
    let grid = "grid new g \(model) --axis frontend.params.lag_mask=0,1 --where"
    #expect(
      home.failure("\(grid) 'frontend.params.lag_mask == 0'")?.hint
        == "the column of `frontend.params.lag_mask` is called `lag_mask`")
    #expect(try home.table("\(grid) 'lag_mask == 0'").rowCount == 1)
  }

  @Test("A condition over a table of cells restricts the sessions' files")
  func cells() throws {
    let home = try Home()
    try home.write(
      "session,cid,single_unit\nA,0,true\nA,1,false\nA,2,true\nB,5,true\n", to: "cells.csv")
    try home.write("sessions: [A, B]\nsession_dir: s\n", to: "data.yaml")
    try FileManager.default.createDirectory(atPath: home.folder + "/s", withIntermediateDirectories: true)
    try home.write("session: A\ncids: [0, 1, 2]\n", to: "s/A.yaml")
    try home.write("session: B\ncids: [4, 5]\n", to: "s/B.yaml")
    try home.run("open cells.csv as cells")
    try home.run(
      "grid new g \(model) --data data.yaml --axis \"cells=all,single-units,cid > 1\" --cells-from cells")
    try home.run("grid export g --to out")
    let chosen = try String(
      contentsOfFile: home.folder + "/out/r002_cells-single-units/sessions/A.yaml", encoding: .utf8)
    #expect(chosen.contains("cids: [0, 2]"))
    let run = try String(contentsOfFile: home.folder + "/out/r003_cells-cid-1/sessions/B.yaml", encoding: .utf8)
    #expect(run.contains("cids: [5]"))
    #expect(
      home.failure("grid new h \(model) --data data.yaml --axis \"cells=cid > 9\" --cells-from cells")?.kind
        == .undefined)
  }

  @Test("A grid over cells by labels, by scores and by both trains on these cells alone")
  func labelledCells() throws {
    let home = try Home(opened: true)
    // Of the 16 cells every other one is a single unit.
    try home.write(
      "session,cid,single_unit\n" + (0..<16).map { "Sim_2025-01-17,\($0),\($0 % 2 == 0)\n" }.joined(), to: "labels.csv")
    let all = try String(contentsOfFile: Home.template + "/recordings/multi_sim_120_all.yaml", encoding: .utf8)
    try home.write(
      all.replacing("sessions: [Sim_2025-01-10, Sim_2025-01-17, Nova_2025-02-03]", with: "sessions: [Sim_2025-01-17]")
        .replacing("./sessions", with: Home.template + "/recordings/sessions"), to: "data.yaml")
    try home.run("open labels.csv as labels; eval twin on sim/gaborium as scores")
    try home.run("show labels | join scores on cid > both.csv; open both.csv as both")
    try home.run(
      "grid new g \(model) --data data.yaml --axis \"cells=all,single-units,bits_per_spike > -1,single_unit and bits_per_spike > -1\" --cells-from both"
    )
    try home.run("grid export g --to out")
    let better = try (home.table("show both | where bits_per_spike > -1")["cid"]?.numbers ?? []).compactMap { $0 }
    #expect(!better.isEmpty && better.count < 16)
    let expected = [
      (0..<16).map(Double.init), (0..<8).map { Double(2 * $0) }, better,
      better.filter { $0.truncatingRemainder(dividingBy: 2) == 0 },
    ]
    let folders = try home.strings("grid show g", "run").compactMap(\.self)
    for (folder, cells) in zip(folders, expected) {
      // The recording opens with these cells.
      let opened = try home.table("open out/\(folder)/data.yaml --data \(Home.template)/recordings --replace")
      #expect(opened["cells"]?.numbers == [Double(cells.count)])
    }
    // A twin for them trains, and is scored on them alone.
    try home.run("new out/\(folders.last ?? "")/model.yaml --data out/\(folders.last ?? "")/data.yaml as fresh")
    try home.run("train fresh on Sim_2025-01-17/gaborium as trained --steps 1 --batch-size 2 --val-every 0")
    #expect(try home.table("eval trained on Sim_2025-01-17/gaborium")["cid"]?.numbers == expected.last)
    #expect(folders.count == 4)
    // A grid of the same base by the labels alone, and one by a table without them.
    let failure = home.failure("grid new h \(model) --data data.yaml --axis cells=single-units --cells-from scores")
    #expect(failure?.message == "the table `scores` has no column `single_unit`")
  }

  @Test(
    "Hours come with an interval from the runs of an open set, the most alike first", .enabled(if: Fixtures.hasShared))
  func cost() throws {
    let home = try Home()
    try home.run("open \(Fixtures.shared("runs/ray_small")) as old")
    let table = try home.table(
      "grid new g \(model) --axis convnet.params.block_configs.0.norm_type=grn,rms --axis learning_rate=0.001,0.005,0.02"
    )
    let hours = (table["hours"]?.numbers ?? []).compactMap { $0 }
    let low = (table["hours_low"]?.numbers ?? []).compactMap { $0 }
    let high = (table["hours_high"]?.numbers ?? []).compactMap { $0 }
    #expect(hours.count == 6 && low.count == 6 && high.count == 6)
    #expect(zip(low, hours).allSatisfy(<) && zip(hours, high).allSatisfy(<) && low.allSatisfy { $0 > 0 })
    // Five trials finished: with grn and 0.005, grn and 0.02, and rms with each rate. Of grn and 0.001, which failed, the
    // three that share one of the two settings tell the cost.
    let known = try home.table("show old")
    func recorded(_ norm: String, _ lr: Double) throws -> Double {
      let rows = (0..<known.rowCount).filter { row in
        known["norm"]?[row] == .string(norm) && known["lr"]?.numbers?[row] == lr
      }
      return try #require(rows.first.flatMap { known["hours"]?.numbers?[$0] })
    }
    let product = try recorded("grn", 0.005) * recorded("grn", 0.02) * recorded("rms", 0.001)
    #expect(abs(hours[0] / pow(product, 1.0 / 3) - 1) < 1e-9)
    #expect(try home.strings("grid show g", "basis")[0] == "3 runs with 1 of 2 settings")
    #expect(try home.strings("grid show g", "done_state")[0]?.contains("(failed)") == true)
    #expect(table.note?.hasPrefix("6 runs, 0 done; the other 6 need about ") == true)
  }

  @Test(
    "An option that the base lacks is allowed where vcsh reads it, with the maps on the way; others where the base has them"
  )
  func newOptions() throws {
    let home = try Home()
    try home.run(
      "grid new g \(model) --axis frontend.params.lag_mask=1,2 --axis convnet.params.block_configs.0.norm_params.eps=1e-5"
    )
    try home.run("grid export g --to out")
    let text = try String(
      contentsOfFile: home.folder + "/out/r002_lag_mask-2_eps-1e-5/model.yaml", encoding: .utf8)
    #expect(text.contains("lag_mask: 2") && text.contains("norm_params:") && text.contains("eps: 1.0e-05"), "\(text)")
    // What VisionCore alone knows.
    let base = try String(contentsOfFile: Home.template + "/checkpoints/model.yaml", encoding: .utf8)
    try home.write(base.replacing("kernel_size: 12", with: "kernel_size: 12\n    novelty: 1"), to: "own.yaml")
    #expect(try home.table("grid new own --base own.yaml --axis frontend.params.novelty=1,2").rowCount == 2)
    #expect(home.failure("grid new own2 --base own.yaml --axis frontend.params.novelty=1,much")?.kind == .usage)
  }

  @Test(
    "What `edit` refuses is refused here: masks and kernels that leave nothing of the dataset's 18 lags, and options that nothing reads",
    arguments: [
      ("frontend.params.lag_mask=1,18", "frontend.params.lag_mask: 18 leaves none of the window's 18 frames"),
      ("frontend.params.dilation=1,9", "with windows of the dataset YAML, 1x18x"),
      ("frontend.params.tap_mask=1,12", "12 leaves none of the 12 taps"),
      ("regularization.0.foo=1,2", "regularization.0.foo: an entry has no `foo`"),
      ("readout.params.initial_std=1,0", "readout.params.initial_std: a number above 0 is needed"),
      ("sampling_rate=-120,120", "sampling_rate: a number above 0 is needed"),
    ])
  func refusedByEdit(_ axis: String, _ words: String) throws {
    let home = try Home()
    let failure = try #require(home.failure("grid new g \(model) \(data) --axis \(axis)"))
    #expect(failure.message.contains(words) && failure.span != nil, "\(failure.message)")
    #expect(try home.session.workspace.names().isEmpty)
  }

  @Test("A mask may leave one frame of the dataset's lags; without a dataset YAML their number is not known")
  func maskedLags() throws {
    let home = try Home()
    #expect(try home.table("grid new g \(model) \(data) --axis frontend.params.lag_mask=1,17").rowCount == 2)
    #expect(try home.table("grid new h \(model) --axis frontend.params.lag_mask=1,18").rowCount == 2)
  }

  @Test(
    "Bad input gets the flag that is wrong and a remedy",
    arguments: [
      ("grid new g --axis learning_rate=1", "--base takes the model's YAML"),
      ("grid new g --base nowhere.yaml --axis learning_rate=1", nil),
      ("grid show nothing", "`grid new nothing …` makes one"),
      ("grid new g MODEL --axis lerning_rate=1", "did you mean `learning_rate`?"),
      ("grid new g MODEL --axis learning_rate=1 --where \"learning_rate > 2\"", nil),
      ("grid new g MODEL", "--axis learning_rate=1e-3,3e-3, or --seeds 3"),
      ("grid new g MODEL --axis lr=1e-3", "did you mean `learning_rate`?"),
      ("grid new g MODEL --axis learning_rate=1e-3,fast", "write a number without quotes, such as 1e-3"),
      ("grid new g MODEL --axis lr_scheduler=cosin", "did you mean `cosine`?"),
      ("grid new g MODEL --axis optimiser=lbgfs", "did you mean `lbfgs`?"),
      ("grid new g MODEL --axis training.seeed=3", "did you mean `seed`?"),
      ("grid new g MODEL --axis frontend.params.lag_msk=2", "did you mean `lag_mask`?"),
      ("grid new g MODEL --axis frontend.params.nonsense=2", nil),
      ("grid new g MODEL --axis convnet.params.block_configs.0.norm_type=grn,gnr", "did you mean `grn`?"),
      ("grid new g MODEL --axis \"convnet.params.channels=[8,8],[8,8,8]\"", nil),
      ("grid new g MODEL --axis convnet.params.block_configs.1.dropout=much", "the model's YAML has 0.0 there"),
      ("grid new g MODEL --axis regularization.0.type=l3", "did you mean `l1`?"),
      ("grid new g MODEL DATA --axis sampling.target_rat=60", "did you mean `sampling.target_rate`?"),
      (
        "grid new g MODEL DATA --axis data.nonsense=60",
        "where VisionCore knows it, write it into the dataset YAML first"
      ),
      ("grid new g MODEL DATA --axis train_val_split=fast", "the dataset YAML has 0.8 there"),
      ("grid new g MODEL DATA --axis sampling.target_rate=50", nil),
      ("grid new g MODEL DATA --axis sessions=Sim_2025-01-18", "did you mean `Sim_2025-01-10`?"),
      (
        "grid new g MODEL DATA --axis cells=single-units", "`eval TWIN on REC/STIM as scores`, then --cells-from scores"
      ),
    ])
  func refusals(_ text: String, _ hint: String?) throws {
    let home = try Home()
    let failure = try #require(home.failure(text.replacing("MODEL", with: model).replacing("DATA", with: data)))
    #expect(failure.span != nil)
    if let hint { #expect(failure.hint == hint) }
    #expect(try home.session.workspace.names().isEmpty)
  }
}
