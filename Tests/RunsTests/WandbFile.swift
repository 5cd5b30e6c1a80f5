import Foundation

/// Logs of W&B made of the records of one that it wrote.
enum WandbFile {
  static let name = "vc_wandb/logs/wandb/offline-run-20261129_132039-rd88a3vm/run-rd88a3vm.wandb"
  /// `:W&B`, its mark and version.
  private static let header: [UInt8] = [0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00]

  /// The log of a run that ended: five epochs of 25 steps.
  static func finished() throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: RunFolders.path(name)))) }

  /// CRC-32 as zlib has it, bit by bit.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xedb8_8320 : 0) }
    }
  }

  /// The payloads of a log of one block.
  static func payloads(_ bytes: [UInt8]) -> [[UInt8]] {
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
  static func log(_ payloads: [[UInt8]]) -> [UInt8] {
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
}
