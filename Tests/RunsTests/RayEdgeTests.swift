import Foundation
import RunLogs
import Runs
import TestSupport
import Testing

@Suite("Ray trials as they are found")
struct RayEdgeTests {
  private func runs(_ files: [String: String], _ check: (RunSet) throws -> Void) throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (path, text) in files {
      let place = URL(filePath: folder + "/" + path)
      try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: place)
    }
    try check(try RunSet(root: folder, now: 0))
  }

  @Test("Settings that each report repeats are settings and no metrics, and go before those of a cut name")
  func reportedSettings() throws {
    let table = """
      val_loss,training_iteration,done,trial_id,config/lr,config/model/norm
      0.5,1,False,aaaaaaaa,0.005,grn
      0.25,2,True,aaaaaaaa,0.005,grn

      """
    try runs(["train_aaaaaaaa_1_lr=0.0010,model=_2026-01-01_00-00-00/progress.csv": table]) { set in
      let run = try #require(set.runs.first)
      #expect(run.parameter("lr")?.number == 0.005 && run.parameter("model.norm")?.plainText == "grn")
      #expect(run.best == 0.25 && run.metric?.name == "val_loss")
      #expect(try set.log(run).curves.map(\.name) == ["val_loss"])
    }
  }

  @Test("A trial that failed before its first report is a run without epochs")
  func failedAtOnce() throws {
    try runs(["exp/t1/params.json": "{\"lr\": 0.1}", "exp/t1/error.txt": "Traceback\nValueError: no data\n"]) { set in
      let run = try #require(set.runs.first)
      #expect(set.runs.count == 1 && run.kind == .ray && run.state == .failed && run.epochs == 0)
      #expect(run.evidence == "ValueError: no data" && run.parameter("lr")?.number == 0.1)
    }
  }

  @Test("Of a restored trial the reports that were done again count, in its curve and in its best value")
  func restored() throws {
    var table = "val_loss,training_iteration,done\n"
    // The branch that was thrown away was better.
    for (step, loss) in [(1, 0.9), (2, 0.7), (3, 0.1), (4, 0.125), (3, 0.6), (4, 0.5), (5, 0.45)] {
      table += "\(loss),\(step),\(step == 5 ? "True" : "False")\n"
    }
    try runs(["exp/t1/progress.csv": table, "exp/t1/params.json": "{}"]) { set in
      let run = try #require(set.runs.first)
      #expect(run.best == 0.45 && run.epochs == 5)
      let curve = try #require(try set.log(run)[metric: "val_loss"])
      #expect(curve.steps == [1, 2, 3, 4, 5] && curve.values == [0.9, 0.7, 0.6, 0.5, 0.45])
      #expect(try set.values(of: "val_loss", in: run) == [0.9, 0.7, 0.6, 0.5, 0.45])
    }
  }
}
