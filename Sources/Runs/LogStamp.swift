import Base
import Glibc

/// Size and time of the last write of a file: whether it has to be read again.
struct LogStamp {
  let text: String
  /// Seconds since 1970.
  let modified: Double

  /// - Returns: nil where there is no file.
  init?(_ path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    self.init(size: Int(info.st_size), info.st_mtim, inode: UInt64(info.st_ino))
  }

  /// The stamp of the bytes that are read from an open file.
  init(_ file: RegularFile) { self.init(size: file.size, file.lastWrite, inode: file.inode) }

  private init(size: Int, _ time: timespec, inode: UInt64) {
    let parts = [size, time.tv_sec, time.tv_nsec].map { UInt64(bitPattern: Int64($0)) } + [inode]
    text = Self.text(parts)
    modified = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Hexadecimal digits with colons between the numbers: thousands of runs are stamped at each look.
  private static func text(_ numbers: [UInt64]) -> String {
    String(unsafeUninitializedCapacity: 17 * numbers.count) { bytes in
      var place = 0
      for number in numbers {
        if place > 0 {
          bytes[place] = UInt8(ascii: ":")
          place += 1
        }
        for digit in (0..<max(1, (67 - number.leadingZeroBitCount) / 4)).reversed() {
          let value = UInt8(truncatingIfNeeded: number >> UInt64(4 * digit)) & 15
          bytes[place] = value < 10 ? 48 + value : 87 + value
          place += 1
        }
      }
      return place
    }
  }
}
