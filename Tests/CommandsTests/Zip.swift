import Base
import Foundation

/// Changes bytes inside a stored zip and mends the checksums, to make odd but whole files.
enum Zip {
  static func replace(_ old: Data, with new: Data, in source: String, to target: String) throws {
    precondition(old.count == new.count)
    var data = try Data(contentsOf: URL(filePath: source))
    var changed = false
    while let range = data.range(of: old) {
      data.replaceSubrange(range, with: new)
      changed = true
    }
    guard changed else { throw Failure(.missing, "\(source) does not hold the text") }
    mendChecksums(&data)
    try data.write(to: URL(filePath: target))
  }

  /// Walks the central directory and writes the checksum of what each entry now holds.
  private static func mendChecksums(_ data: inout Data) {
    func number(_ offset: Int, _ bytes: Int) -> Int {
      (0..<bytes).reduce(0) { $0 | Int(data[offset + $1]) << (8 * $1) }
    }
    guard let end = data.range(of: Data([0x50, 0x4b, 5, 6]), options: .backwards)?.lowerBound else { return }
    var entry = number(end + 16, 4)
    for _ in 0..<number(end + 10, 2) {
      let size = number(entry + 20, 4)
      let local = number(entry + 42, 4)
      let start = local + 30 + number(local + 26, 2) + number(local + 28, 2)
      let checksum = crc32(data[start..<start + size])
      for byte in 0..<4 { data[entry + 16 + byte] = UInt8(checksum >> (8 * UInt32(byte)) & 255) }
      entry += 46 + number(entry + 28, 2) + number(entry + 30, 2) + number(entry + 32, 2)
    }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ (value >> 1) : value >> 1 }
  }

  private static func crc32(_ bytes: Data) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 255)] ^ ($0 >> 8) }
  }
}
