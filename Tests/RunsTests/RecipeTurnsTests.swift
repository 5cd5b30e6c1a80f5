import Foundation
import Runs
import TestSupport
import Testing

@Suite struct RecipeTurnsTests {
  private func files(_ epochs: Int...) -> [(epoch: Int, path: String)] { epochs.map { ($0, "epoch\($0).ckpt") } }

  @Test("Each N-th epoch's checkpoint is due, and the first one after it where it has none") func due() {
    var turns = RecipeTurns(every: 3)
    #expect(turns.look("a", files(0, 1)).isEmpty && turns.next() == nil)
    #expect(turns.look("a", files(0, 1, 2)).isEmpty)
    #expect(turns.next()?.epoch == 2)
    turns.finish()
    #expect(turns.look("a", files(0, 1, 2, 4)).isEmpty && turns.next() == nil)
    #expect(turns.look("a", files(2, 4, 6)).isEmpty)
    #expect(turns.next()?.epoch == 6)
    #expect(turns.done == ["a": 2])
  }

  @Test("Two turns are never at work at once, and one that falls behind skips to the newest and says so once")
  func behind() {
    var turns = RecipeTurns(every: 1)
    #expect(turns.look("a", files(0)).isEmpty)
    #expect(turns.next()?.epoch == 0)
    #expect(turns.look("a", files(0, 1)).isEmpty)
    #expect(turns.next() == nil)
    #expect(turns.look("a", files(0, 1, 2, 3)) == [1, 2])
    #expect(turns.look("a", files(0, 1, 2, 3)).isEmpty)
    #expect(turns.look("a", files(0, 1, 2, 3, 4)) == [3])
    turns.finish()
    #expect(turns.next()?.epoch == 4)
  }

  @Test("A turn that was at work when the watch was killed is taken again; one that was done is not") func recovery()
    throws
  {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var record = WatchRecord(root: "/logs")
    record.prepare(fast: 2, slow: nil)
    _ = record.look("a", files(1))
    #expect(record.next("fast")?.epoch == 1)
    record.finish("fast")
    _ = record.look("a", files(1, 3))
    #expect(record.next("fast")?.epoch == 3)
    try record.write(folder + "/w.record")
    var later = WatchRecord.read(folder + "/w.record", root: "/logs")
    later.prepare(fast: 2, slow: nil)
    _ = later.look("a", files(1, 3))
    #expect(later.next("fast")?.epoch == 3)
    #expect(WatchRecord.read(folder + "/w.record", root: "/other") == WatchRecord(root: "/other"))
  }

  @Test("A training that begins again at an earlier epoch gets its recipes again") func restart() {
    var turns = RecipeTurns(every: 2)
    _ = turns.look("a", files(1, 3, 5))
    _ = turns.next()
    turns.finish()
    turns.restart("a", at: 2)
    #expect(turns.look("a", files(1, 3)).isEmpty)
    #expect(turns.next()?.epoch == 3)
  }
}
