import Foundation
import Runs
import TestSupport
import Testing

/// A database of MLflow with 40 points, and 60 more committed in its write-ahead log; 300 more are not committed.
@Suite struct WriteAheadLogTests {
  private static let folder = "mlflow_wal"

  @Test("Rows committed in MLflow's write-ahead log are read, rows of an open transaction are not") func committed()
    throws
  {
    let set = try RunFolders.open(Self.folder)
    let log = try set.log(RunFolders.run("walled", in: set))
    let curve = try #require(log[metric: "val_loss"])
    #expect(curve.steps == Array(0..<100))
    #expect(curve.values == (0..<100).map { 1 / Double($0 + 1) })
    #expect(log.state == .running)
  }

  @Test("A damaged write-ahead log counts up to its last whole commit") func damaged() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let source = RunFolders.path(Self.folder)
    try FileManager.default.copyItem(atPath: source + "/mlflow.db", toPath: folder + "/mlflow.db")
    let whole = try Data(contentsOf: URL(filePath: source + "/mlflow.db-wal"))
    func points(_ log: Data) throws -> Int {
      try log.write(to: URL(filePath: folder + "/mlflow.db-wal"))
      let set = try RunSet(root: folder, now: 0)
      return try set.log(RunFolders.run("walled", in: set))[metric: "val_loss"]?.values.count ?? 0
    }
    #expect(try points(whole) == 100)
    #expect(try points(Data()) == 40)
    #expect(try points(whole.prefix(20)) == 40)
    // Each commit writes a frame of 24 + 1024 bytes or two.
    let cut = try points(whole.prefix(32 + 10 * 1048 + 500))
    #expect(cut > 40 && cut < 100)
    var flipped = whole
    flipped[32 + 10 * 1048 + 500] ^= 1
    #expect(try points(flipped) == cut)
    var wrong = whole
    wrong[0] = 0
    #expect(try points(wrong) == 40)
  }
}
