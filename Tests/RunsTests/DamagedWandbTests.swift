import Foundation
import RunLogs
import TestSupport
import Testing

@Suite("Damaged logs of W&B")
struct DamagedWandbTests {
  private func read(_ bytes: [UInt8]) throws -> RunLog {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(bytes).write(to: URL(filePath: folder + "/run-x.wandb"))
    return try WandbLog.read(folder + "/run-x.wandb")
  }

  @Test("A run whose log is damaged and goes no further is not called killed")
  func damagedEnd() throws {
    var bytes = try WandbFile.finished()
    bytes[bytes.count / 2] ^= 1
    let run = try read(bytes)
    #expect(
      run.state == .unknown && run.evidence == "the log is damaged before its end", "\(run.state) \(run.evidence)")
    #expect(try read(Array(WandbFile.finished().dropLast(300))).state == .killed)
  }

  @Test("Of a log of several blocks only the damaged block is left out")
  func damagedBlock() throws {
    let bytes = try WandbFile.finished()
    let own = WandbFile.payloads(bytes)
    #expect(own.count > 10)
    // The end stands in the last of three blocks.
    var long = WandbFile.log(own.dropLast() + own.dropFirst(2).dropLast() + own.dropFirst(2))
    try #require(long.count > 32_768 + 1000)
    let whole = try read(long)
    #expect(whole.state == .finished && whole.remarks.isEmpty, "\(whole.remarks)")
    long[20_000] ^= 1
    let run = try read(long)
    #expect(run.state == .finished, "\(run.evidence)")
    #expect(
      run.remarks.contains { $0.contains("a record has a wrong checksum: what follows it in its block") },
      "\(run.remarks)")
    let points = run.curves.reduce(0) { $0 + $1.values.count }
    #expect(points > 0 && points < whole.curves.reduce(0) { $0 + $1.values.count })
  }

  @Test("A log without an end, of which a block is left out, may have had its end there: it is not called killed")
  func endless() throws {
    let own = WandbFile.payloads(try WandbFile.finished())
    var long = WandbFile.log(own.dropLast() + own.dropFirst(2).dropLast() + own.dropFirst(2).dropLast())
    #expect(try read(long).state == .killed)
    long[20_000] ^= 1
    let run = try read(long)
    #expect(run.state == .unknown && run.evidence == "the end may have been in a damaged part of the log")
  }
}
