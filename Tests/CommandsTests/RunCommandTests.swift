import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Runs of other tools at the prompt")
struct RunCommandTests {
  private func shell(_ folder: String, as name: String = "logs") throws -> Shell {
    let shell = try Shell(opened: false)
    try shell.run("open '\(Fixtures.path("runs/\(folder)"))' as \(name)")
    return shell
  }

  @Test("A folder opens as a table of runs, and `runs` shows it again") func opening() throws {
    let shell = try shell("csv_grid")
    let table = try shell.table("runs logs")
    #expect(table.names.prefix(7) == ["run", "kind", "state", "epochs", "best", "when", "hours"])
    #expect(table.rowCount == 8 && table.names.contains("norm"))
    #expect(try shell.table("ls")["kind"]?.values == .string(["runs"]))
    let some = try shell.table("open '\(Fixtures.path("runs"))' as some --glob '*ray_small*'")
    #expect(some.rowCount == 6)
    #expect(throws: Failure.self) { try shell.run("open '\(Fixtures.path("runs"))' as none --glob 'nothing*'") }
  }

  @Test("Curves of several runs stand in one long table, by name, id, part or set") func curves() throws {
    let shell = try shell("vc_wandb")
    let both = try shell.table("curves rd88a3vm,8x2q9yne --metric val_bps_overall")
    #expect(both.names == ["run", "metric", "step", "epoch", "value"] && both.rowCount == 10)
    #expect(try shell.table("curves logs --metric val_bps_overall") == both)
    let part = try shell.table("curves logs/grn_none --metric val_bps_overall")
    #expect(part["value"]?.numbers.map { $0.prefix(5) } == both["value"]?.numbers.map { $0.prefix(5) })
    #expect(part["epoch"]?.values == .int([0, 1, 2, 3, 4]) && part["step"]?.values == .int([24, 49, 74, 99, 124]))
    #expect(throws: Failure.self) { try shell.run("curves none_convgru") }
    #expect(throws: Failure.self) { try shell.run("curves rd88a3vm --metric val_bsp_overall") }
  }

  @Test("A smoothed curve is the weighted mean of the values so far, and begins at the first") func smoothing() throws {
    let shell = try shell("vc_wandb")
    let plain = try #require(try shell.table("curves rd88a3vm --metric val_loss")["value"]?.numbers?.compactMap { $0 })
    let smooth = try #require(
      try shell.table("curves rd88a3vm --metric val_loss --smooth 0.5")["value"]?.numbers?.compactMap { $0 })
    #expect(smooth[0] == plain[0])
    #expect(smooth.count == plain.count && plain.count > 3)
    for last in plain.indices {
      // A value counts half as much as the one after it.
      let weights = (0...last).map { 1 / Double(1 << (last - $0)) }
      let mean = zip(plain, weights).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
      #expect(abs(smooth[last] - mean) < 1e-12)
    }
    #expect(throws: Failure.self) { try shell.run("curves rd88a3vm --smooth 1") }
  }

  @Test("hparams has a column for each setting that varies, and no other") func settings() throws {
    let table = try shell("mlflow").table("hparams logs")
    #expect(Set(table.names) == ["run", "model_cfg", "lr", "norm"])
    #expect(table["lr"]?.numbers == [0.008, 0.008, 0.01])
  }

  @Test("best opens a run's best checkpoint as a twin") func best() throws {
    let shell = try shell("killed")
    let record = try shell.record("best logs/csv as rescued")
    #expect(record["kind"] == .string("twin") && record["run"] == .string("csv"))
    let file = Fixtures.path("runs/killed/checkpoints/epoch=02-val_bps_overall=0.0898.ckpt")
    #expect(record["checkpoint"] == .string(file))
    let params = try shell.table("params rescued")
    let names = (0..<params.rowCount).compactMap { params["name"]?[$0].plainText }
    #expect(try names.sorted() == Checkpoint(path: file).arrayNames.sorted())
    #expect(throws: Failure.self) { try shell.run("best nothing as x") }
    // The run's name goes before a part of a name in another set; in two sets the hint names the set.
    let (folder, run) = (shell.folder + "/more", shell.folder + "/more/deep/csv_long")
    try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
    try Data("epoch,step,val_loss\n0,9,0.5\n1,19,0.4\n".utf8).write(to: URL(filePath: run + "/metrics.csv"))
    try Data("lr: 1\n".utf8).write(to: URL(filePath: run + "/hparams.yaml"))
    try shell.run("open '\(folder)' as a")
    #expect(try shell.table("curves csv").record(0)["run"] == .string("csv"))
    let failure = try shell.failure("show cs")
    #expect(failure.kind == .conflict && failure.message.contains("a/") && failure.hint?.contains("/") == true)
  }

  @Test("forecast tells each ended run from its first epochs, beside where it ended; too few others are refused")
  func forecast() throws {
    let shell = try shell("csv_grid")
    let table = try shell.table("forecast logs --after 3")
    #expect(table.names == ["run", "epochs", "best_so_far", "median", "lower", "upper", "actual"])
    #expect(table.rowCount == 8 && table["epochs"]?.values == .int(Array(repeating: 7, count: 8)))
    let best = try #require(try shell.table("runs logs")["best"]?.numbers)
    #expect(table["actual"]?.numbers == best)
    let curves = try shell.table("curves logs --metric val_bps_overall")
    let values = try curves.known("value")
    for row in 0..<table.rowCount {
      let own = (0..<curves.rowCount).filter { curves.record($0)["run"] == table.record(row)["run"] }.map { values[$0] }
      #expect(own.count == 7)
      #expect(table.record(row)["best_so_far"]?.number == own.prefix(3).max())
      #expect(table.record(row)["actual"]?.number == own.max())
      let ends = try ["best_so_far", "lower", "median", "upper"].map { try #require(table.record(row)[$0]?.number) }
      #expect(ends[1] < ends[2] && ends[2] < ends[3] && ends[2] > ends[0], "the best never falls")
    }
    // Other seven runs are too few for one that is told alone.
    #expect(throws: Failure.self) { try shell.run("forecast logs/grn --epochs 20") }
    #expect(throws: Failure.self) { try shell.run("forecast logs --after 7") }
    #expect(try shell.failure("forecast logs --after 99").hint == "--after 3 is the most that these runs allow")
    #expect(try shell.failure("forecast logs --after 1").message.contains("give 2 to 1000000"))
    #expect(try shell.failure("forecast logs --epochs 100000000").message.contains("give 1 to 1000000"))
  }

  @Test("forecast of a run that has ended takes as many first epochs as there are; an unknown metric is named as such")
  func shortForecast() throws {
    let grid = try shell("csv_grid")
    let failure = try grid.failure("forecast logs --metric val_bsp_overall")
    #expect(failure.kind == .missing && failure.message == "no run of `logs` logs `val_bsp_overall`")
    #expect(failure.hint?.contains("val_bps_overall") == true)
    // It has 3 epochs; the eight runs beside it have 7.
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["csv_grid", "killed"] {
      try FileManager.default.copyItem(atPath: Fixtures.path("runs/\(name)"), toPath: folder + "/" + name)
    }
    let shell = try Shell(opened: false)
    try shell.run("open '\(folder)' as all")
    let table = try shell.table("forecast all/killed/csv")
    #expect(table.rowCount == 1 && table.note == "this run has ended; forecast from its first 2 epochs")
  }

  @Test(
    "A copied run counts once, one that is cut short is named, and a metric that no run logs gets those that there are")
  func oddRuns() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let grid = folder + "/grid"
    try FileManager.default.copyItem(atPath: Fixtures.path("runs/csv_grid"), toPath: grid)
    let names = try FileManager.default.contentsOfDirectory(atPath: grid).filter { $0.hasPrefix("small") }.sorted()
    try FileManager.default.copyItem(atPath: "\(grid)/\(names[0])", toPath: "\(grid)/copy_of_it")
    // Old enough that none is still running.
    func age() throws {
      for name in try FileManager.default.subpathsOfDirectory(atPath: grid) {
        let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -1e6)]
        try FileManager.default.setAttributes(old, ofItemAtPath: grid + "/" + name)
      }
    }
    try age()
    let shell = try Shell(opened: false)
    try shell.run("open '\(grid)' as grid")
    let note = try #require(try shell.table("effects grid --axes norm,lr").note)
    #expect(note.contains("8 runs") && note.contains("a copy of another run's log: counted once"), "\(note)")
    // All combinations have been run: there is nothing to suggest, and nothing to refuse.
    #expect(try shell.table("suggest grid").rowCount == 0)
    let failure = try shell.failure("effects grid --metric val_bps")
    #expect(failure.kind == .missing && failure.hint == "these rank its runs: val_bps_overall", "\(failure)")
    try FileManager.default.removeItem(atPath: "\(grid)/copy_of_it")
    let log = "\(grid)/\(names[3])/version_0/metrics.csv"
    let rows = try String(contentsOfFile: log, encoding: .utf8).split(whereSeparator: \.isNewline)
    try (rows.prefix(13).joined(separator: "\n") + "\n").write(toFile: log, atomically: true, encoding: .utf8)
    try age()
    let cut = try #require(try shell.table("effects grid --axes norm,lr").note)
    #expect(
      cut.contains("\(names[3].prefix(20))") && cut.contains("at most half as long as the longest run (7 epochs)"),
      "\(cut)")
  }

  @Test("A run whose end nobody can tell, and which is shorter than its others, gets a forecast of what is to come")
  func untoldEnd() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for trial in 0..<9 {
      let length = trial == 8 ? 4 : 10
      var table = "val_loss,training_iteration,done\n"
      for step in 1...length {
        let loss = 0.3 + 0.01 * Double(trial) + 1 / (Double(step) + 0.1 * Double(trial))
        table += "\(loss),\(step),\(step == 10 ? "True" : "False")\n"
      }
      try FileManager.default.createDirectory(atPath: "\(folder)/exp/t\(trial)", withIntermediateDirectories: true)
      for (name, text) in [("progress.csv", table), ("params.json", "{\"seed\": \(trial)}")] {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/exp/t\(trial)/\(name)"))
        let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -1e6)]
        try FileManager.default.setAttributes(old, ofItemAtPath: "\(folder)/exp/t\(trial)/\(name)")
      }
    }
    let shell = try Shell(opened: false)
    try shell.run("open '\(folder)' as logs")
    let table = try shell.table("forecast logs/exp/t8")
    #expect(table.rowCount == 1 && table["epochs"]?[0] == .int(10) && table["actual"]?[0] == .null)
    #expect(table.note?.contains("the chance of beating the best run's val_loss") == true, "\(table.note ?? "")")
    #expect(try shell.table("forecast logs/exp/t7").note?.contains("this run has ended") == true)
  }

  @Test("A run that was killed before its last planned epoch gets a forecast of its whole plan") func shortOfItsPlan()
    throws
  {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for run in 0..<9 {
      let (length, planned) = run == 8 ? (4, 12) : (10, 10)
      let rows = (0..<length).map { epoch in
        "\(epoch),\(10 * epoch + 9),\(0.3 + 0.01 * Double(run) + 1 / (1 + Double(epoch) + 0.1 * Double(run)))"
      }
      let files = [
        ("metrics.csv", (["epoch,step,val_loss"] + rows).joined(separator: "\n") + "\n"),
        ("hparams.yaml", "seed: \(run)\nmax_epochs: \(planned)\n"),
      ]
      try FileManager.default.createDirectory(atPath: "\(folder)/exp/r\(run)", withIntermediateDirectories: true)
      for (name, text) in files {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/exp/r\(run)/\(name)"))
        let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -1e6)]
        try FileManager.default.setAttributes(old, ofItemAtPath: "\(folder)/exp/r\(run)/\(name)")
      }
    }
    let shell = try Shell(opened: false)
    try shell.run("open '\(folder)' as logs")
    let states = try shell.table("runs logs | select run state")
    #expect(states["state"]?[8] == .string("killed") && states["state"]?[0] == .string("finished"))
    let table = try shell.table("forecast logs/exp/r8")
    #expect(table.rowCount == 1 && table["epochs"]?[0] == .int(12) && table["actual"]?[0] == .null)
    #expect(try shell.table("forecast logs/exp/r8 --epochs 10")["epochs"]?[0] == .int(10))
    #expect(try shell.table("forecast logs/exp/r7").note?.contains("this run has ended") == true)
  }

  @Test("A name that is no run is told as what it is; an unknown run points at the set that was meant")
  func otherObjects() throws {
    let shell = try Shell()
    for name in ["first", "second"] { try shell.run("open '\(Fixtures.path("runs/csv_grid"))' as \(name)") }
    for command in ["best twin", "forecast twin"] {
      let failure = try shell.failure(command)
      #expect(failure.message == "`twin` is a twin of this workspace, not a run of an open set")
      #expect(failure.hint?.hasPrefix("`curves twin`") == true)
    }
    #expect(try shell.failure("curves second/qqqqqq").hint == "`runs second` lists its runs")
  }

  @Test("show gives the evidence and the metrics of a run; check gives its faults") func showing() throws {
    let shell = try shell("nan_visioncore")
    guard case .report(let report) = try shell.run("show logs/csv") else {
      Issue.record("no report")
      return
    }
    #expect(report.title == "csv")
    guard case .fields(let fields)? = report.sections.first?.body,
      case .table(let metrics)? = report.sections.first(where: { $0.heading == "metrics" })?.body
    else {
      Issue.record("no fields, or no metrics")
      return
    }
    #expect(fields["evidence"] == .string("this kind of log doesn't tell how a training ended"))
    #expect(try fields["best val_bps_overall"] == shell.table("runs logs | where run == 'csv'").record(0)["best"])
    let row = try #require((0..<metrics.rowCount).first { metrics.record($0)["metric"] == .string("val_bps_overall") })
    let values = try shell.table("curves logs/csv --metric val_bps_overall").known("value")
    #expect(metrics.record(row)["points"] == .int(values.count))
    #expect(metrics.record(row)["first"]?.number == values.first && metrics.record(row)["last"]?.number == values.last)
    #expect(metrics.record(row)["best"]?.number == values.max())
    let faults = try shell.table("check logs/csv")
    #expect(faults["layer"]?.values == .string(["diverged", "scores without negative cells", "settings not recorded"]))
    // Of two runs with three faults each, the fault with the same evidence is one line.
    let both = try shell.table("check logs")
    #expect(both.rowCount == 4)
    let part = (0..<both.rowCount).first { both.record($0)["layer"] == .string("settings not recorded") }
    #expect(try both.record(#require(part))["part"] == .string("all 2 runs"))
  }
}
