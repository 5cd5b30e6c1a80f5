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
    #expect(!set.index.isEmpty && RunIndex.decoded(RunIndex.encoded(set.index)) == set.index)
  }

  @Test("A second look reads nothing where nothing has changed, and only the log that has grown") func secondLook()
    throws
  {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.copyItem(atPath: RunFolders.path("csv_grid"), toPath: folder + "/grid")
    let first = try RunSet(root: folder, now: 0)
    let index = try #require(RunIndex.decoded(RunIndex.encoded(first.index)))
    let same = try RunSet(root: folder, index: index, now: 0)
    #expect(same.readCount == 0 && same.runs == first.runs)
    let run = try #require(first.runs.first)
    let log = try FileHandle(forWritingTo: URL(filePath: "\(folder)/\(run.folder)/metrics.csv"))
    try log.seekToEnd()
    try log.write(contentsOf: Data("cut".utf8))
    try log.close()
    let grown = try RunSet(root: folder, index: index, now: 0)
    #expect(grown.readCount == 1 && grown.runs[0].remarks == ["the last line is cut"])
  }

  @Test("Damaged bytes are no index: every beginning of one, and one with a byte more") func damaged() throws {
    let bytes = RunIndex.encoded(try RunFolders.open("ray_small").index)
    for length in stride(from: 0, to: bytes.count, by: 7) { #expect(RunIndex.decoded(Array(bytes[..<length])) == nil) }
    #expect(RunIndex.decoded(bytes + [0]) == nil)
  }
}
