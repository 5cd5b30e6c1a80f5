import Foundation
import Runs
import TestSupport
import Testing

@Suite struct RunIndexTests {
  @Test(
    "An index reads back as it was, for every kind of run",
    arguments: ["broken", "csv_grid", "mlflow", "nan_visioncore", "ray_small", "resumed", "vc_wandb"])
  func roundTrip(_ name: String) throws {
    let set = try RunFolders.open(name)
    let rows = try #require(RunIndex.decoded(set.index))
    #expect(rows.count >= set.runs.count && RunIndex.decoded(RunIndex.encoded(rows)) == rows)
    let again = try RunFolders.open(name, index: set.index)
    #expect(again.runs == set.runs)
  }

  @Test("A second look reads nothing where nothing has changed, and only the log that has grown") func secondLook()
    throws
  {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.copyItem(atPath: RunFolders.path("csv_grid"), toPath: folder + "/grid")
    let first = try RunSet(root: folder, now: 0)
    let index = first.index
    let same = try RunSet(root: folder, index: index, now: 0)
    #expect(same.readCount == 0 && same.runs == first.runs && !same.hasNewIndex)
    let run = try #require(first.runs.first)
    let log = try FileHandle(forWritingTo: URL(filePath: "\(folder)/\(run.folder)/metrics.csv"))
    try log.seekToEnd()
    try log.write(contentsOf: Data("cut".utf8))
    try log.close()
    let grown = try RunSet(root: folder, index: index, now: 0)
    #expect(grown.readCount == 1 && grown.runs[0].remarks == ["the last line is cut"])
  }

  @Test("Of two logs in one folder, one that is gone is forgotten") func oneOfTwo() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["metrics.csv", "events.out.tfevents.1.host"] {
      let log = Data(name == "metrics.csv" ? "epoch,step,val_loss\n0,1,0.5\n".utf8 : "".utf8)
      try log.write(to: URL(filePath: folder + "/" + name))
    }
    let first = try RunSet(root: folder, now: 0)
    #expect(first.runs.count == 2)
    try FileManager.default.removeItem(atPath: folder + "/events.out.tfevents.1.host")
    let second = try RunSet(root: folder, index: first.index, now: 0)
    #expect(second.readCount == 0 && second.hasNewIndex && second.runs.map(\.kind) == [.lightning])
    #expect(RunIndex.decoded(second.index)?.count == 1)
  }

  @Test("Damaged bytes are no index: every beginning of one, and one with a byte more") func damaged() throws {
    let bytes = try RunFolders.open("ray_small").index
    for length in stride(from: 0, to: bytes.count, by: 7) { #expect(RunIndex.decoded(Array(bytes[..<length])) == nil) }
    #expect(RunIndex.decoded(bytes + [0]) == nil)
  }
}
