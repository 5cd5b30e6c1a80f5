import Base
import Foundation
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

  @Test("What has been done is told by configuration, in whatever set of runs it lies")
  func done() throws {
    let home = try Home()
    try home.run("open \(Home.template)/runs as old")
    let done = try home.strings(
      "grid new g \(model) --axis convnet.params.block_configs.0.norm_type=grn,layer --axis learning_rate=0.003 --seeds 2",
      "done")
    #expect(
      done == [
        "old/resnet_grn_bs32_lr0.003_wd0.0001_seed0", "old/resnet_grn_bs32_lr0.003_wd0.0001_seed1", nil, nil,
      ])
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

  @Test(
    "Bad input gets the flag that is wrong and a remedy",
    arguments: [
      ("grid new g --axis learning_rate=1", "--base takes the model's YAML"),
      ("grid new g --base nowhere.yaml --axis learning_rate=1", nil),
      ("grid show nothing", "`grid new nothing …` makes one"),
      ("grid new g MODEL --axis lerning_rate=1", "did you mean `learning_rate`?"),
      ("grid new g MODEL --axis learning_rate=1 --where \"learning_rate > 2\"", nil),
      ("grid new g MODEL", "--axis learning_rate=1e-3,3e-3, or --seeds 3"),
    ])
  func refusals(_ text: String, _ hint: String?) throws {
    let home = try Home()
    let failure = try #require(home.failure(text.replacing("MODEL", with: model)))
    #expect(failure.span != nil)
    if let hint { #expect(failure.hint == hint) }
    #expect(try home.session.workspace.names().isEmpty)
  }
}
