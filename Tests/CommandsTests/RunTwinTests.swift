import Base
import Foundation
import TestSupport
import Testing

@Suite("Twins that hold checkpoints of runs")
struct RunTwinTests {
  private static let heads = "--config '\(Shell.template)/checkpoints/multi_sim_120_backimage.yaml'"

  /// A sweep of two runs, whose checkpoints are twins of the demo.
  private func shell() throws -> Shell {
    let shell = try Shell()
    for (name, twin, settings, score) in [
      ("late", "twin", "norm: grn", 0.4), ("early", "twin_early", "norm: rms", 0.2),
    ] {
      let folder = "\(shell.folder)/sweep/\(name)"
      try FileManager.default.createDirectory(atPath: folder + "/checkpoints", withIntermediateDirectories: true)
      try Data("epoch,step,val_bps\n0,9,\(score)\n".utf8).write(to: URL(filePath: folder + "/metrics.csv"))
      try Data((settings + "\n").utf8).write(to: URL(filePath: folder + "/hparams.yaml"))
      try FileManager.default.copyItem(
        atPath: "\(Shell.template)/checkpoints/\(twin).ckpt", toPath: folder + "/checkpoints/epoch=0.ckpt")
    }
    try shell.run("open '\(shell.folder)/sweep' as sweep")
    return shell
  }

  @Test(
    "The leaderboard ranks runs by what they logged beside twins by what eval gave, and says which twin is which run")
  func leaderboard() throws {
    let shell = try shell()
    let logged = try shell.table("leaderboard")
    #expect(logged["run"]?.values == .string(["late", "early"]) && logged["rank"]?.values == .int([1, 2]))
    #expect(logged["logged"]?.numbers == [0.4, 0.2] && logged["mean"]?.numbers == [nil, nil])
    #expect(Array(logged.names.prefix(7)) == ["rank", "twin", "run", "mean", "lower", "upper", "logged"])
    #expect(logged["variant"]?.values == .string(["best logged val_bps", "best logged val_bps"]))
    let metrics = "--metrics bits_per_spike,r,nll"
    try shell.run(
      "best early as first \(Self.heads); eval twin on sim/gaborium \(metrics); eval first on sim/gaborium \(metrics)")
    let both = try shell.table("leaderboard | where logged == null | sort twin")
    #expect(both["twin"]?.values == .string(["first", "twin"]) && both["run"]?.values == .string(["early", nil]))
    let own = try shell.table("leaderboard sweep")
    #expect(own["twin"]?.values == .string(["first", nil, "first"]))
    #expect(own["run"]?.values == .string(["early", "late", "early"]))
    #expect(try shell.table("leaderboard --metric val_bps").rowCount == 2)
    #expect(try shell.table("leaderboard --metric r").rowCount == 2)
    #expect(try shell.failure("leaderboard --metric val_bsp").message.contains("no run has logged it"))
    // The lower loss is the better one.
    let loss = try shell.table("leaderboard --metric nll")
    let means = try #require(loss["mean"]?.numbers).compactMap { $0 }
    #expect(means.count == 2 && means == means.sorted() && loss["rank"]?.values == .int([1, 2]))
  }

  @Test("The leaderboard names a dataset by its file, and by its path where another one has the same name")
  func datasets() throws {
    let shell = try Shell()
    for (run, data) in [("a", "/x/all.yaml"), ("b", "/x/all.yaml"), ("c", "/y/other.yaml"), ("d", "/z/all.yaml")] {
      let folder = "\(shell.folder)/\(run == "d" ? "two" : "one")/\(run)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data("epoch,step,val_bps\n0,9,0.1\n".utf8).write(to: URL(filePath: folder + "/metrics.csv"))
      try Data("cfg_dir: \(data)\nlr: 0.1\n".utf8).write(to: URL(filePath: folder + "/hparams.yaml"))
    }
    try shell.run("open '\(shell.folder)/one' as one; open '\(shell.folder)/two' as two")
    func data(_ command: String) throws -> Set<String?> {
      let table = try shell.table(command)
      return Set((0..<table.rowCount).map { table.record($0)["stimulus"]?.plainText })
    }
    #expect(try data("leaderboard one") == ["cfg_dir=all.yaml", "cfg_dir=other.yaml"])
    #expect(try data("leaderboard") == ["cfg_dir=/x/all.yaml", "cfg_dir=/y/other.yaml", "cfg_dir=/z/all.yaml"])
  }

  @Test("effects --cells compares evaluated twins of runs cell by cell, as compare does; edited ones do not count")
  func effects() throws {
    let shell = try shell()
    #expect(try shell.failure("effects sweep --cells").message.contains("no two runs were evaluated"))
    try shell.run(
      "best late as last \(Self.heads); best early as first \(Self.heads); eval last on sim/gaborium; eval first on sim/gaborium"
    )
    let row = try shell.table("effects sweep --cells | where axis == 'norm'").record(0)
    #expect(row["level"] == .string("rms") && row["against"] == .string("grn") && row["cells"] == .int(16))
    #expect(row["data"]?.plainText.hasPrefix("gaborium val, raw") == true)
    let compared = try shell.table("compare last first on sim/gaborium").record(0)
    let difference = try #require(compared["difference"]?.number)
    let effect = try #require(row["effect"]?.number)
    #expect(abs(effect - difference) < 1e-9)
    #expect(try shell.failure("effects sweep --cells --metric val_bps").message.contains("no metric"))
    try shell.run("edit first as first --set frontend.params.tap_mask=2 --replace")
    #expect(try shell.failure("effects sweep --cells").message.contains("no two runs were evaluated"))
  }
}
