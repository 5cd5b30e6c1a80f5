import Foundation
import RunLogs
import TestSupport
import Testing

@Suite("Damaged logs of W&B")
struct DamagedWandbTests {
  private static let name = "vc_wandb/logs/wandb/offline-run-20261129_132039-rd88a3vm/run-rd88a3vm.wandb"

  private func original() throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: RunFolders.path(Self.name)))) }

  private func read(_ bytes: [UInt8]) throws -> RunLog {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(bytes).write(to: URL(filePath: folder + "/run-x.wandb"))
    return try WandbLog.read(folder + "/run-x.wandb")
  }

  /// CRC-32 as zlib has it, bit by bit.
  private func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xedb8_8320 : 0) }
    }
  }

  /// The payloads of a log of one block.
  private func payloads(_ bytes: [UInt8]) -> [[UInt8]] {
    var found: [[UInt8]] = []
    var place = 7
    while place + 7 <= bytes.count {
      let length = Int(bytes[place + 4]) | Int(bytes[place + 5]) << 8
      guard bytes[place + 6] == 1, place + 7 + length <= bytes.count else { break }
      found.append(Array(bytes[place + 7..<place + 7 + length]))
      place += 7 + length
    }
    return found
  }

  /// A log in blocks of 32 KB, as W&B writes it.
  private func log(_ payloads: [[UInt8]], header: [UInt8]) -> [UInt8] {
    var out = header
    for payload in payloads {
      var rest = payload[...]
      var isFirst = true
      repeat {
        let left = 32_768 - out.count % 32_768
        if left < 7 {
          out += [UInt8](repeating: 0, count: left)
          continue
        }
        let part = rest.prefix(left - 7)
        rest = rest.dropFirst(part.count)
        let type: UInt8 = isFirst ? (rest.isEmpty ? 1 : 2) : (rest.isEmpty ? 4 : 3)
        let sum = checksum([type] + part)
        out += (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
        out += [UInt8(part.count & 255), UInt8(part.count >> 8), type] + part
        isFirst = false
      } while !rest.isEmpty
    }
    return out
  }

  @Test("A run whose log is damaged and goes no further is not called killed")
  func damagedEnd() throws {
    var bytes = try original()
    bytes[bytes.count / 2] ^= 1
    let run = try read(bytes)
    #expect(
      run.state == .unknown && run.evidence == "the log is damaged before its end", "\(run.state) \(run.evidence)")
    #expect(try read(Array(original().dropLast(300))).state == .killed)
  }

  @Test("Of a log of several blocks only the damaged block is left out")
  func damagedBlock() throws {
    let bytes = try original()
    let own = payloads(bytes)
    #expect(own.count > 10)
    // The end stands in the last of three blocks.
    var long = log(own.dropLast() + own.dropFirst(2).dropLast() + own.dropFirst(2), header: Array(bytes.prefix(7)))
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
}
