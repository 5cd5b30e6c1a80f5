import Base
import Glibc

/// Size and time of the last write of a file: whether it has to be read again.
struct LogStamp: Equatable {
  let size: Int
  private let seconds: Int
  private let nanoseconds: Int
  private let inode: UInt64

  /// - Returns: nil where there is no file.
  init?(_ path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    self.init(info, info.st_mtim)
  }

  /// - Returns: nil where the descriptor isn't that of a regular file.
  init?(_ descriptor: Int32) {
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
    self.init(info, info.st_mtim)
  }

  /// The stamp of what lies in an open folder, without following a link.
  ///
  /// - Parameter isFolder: whether a folder's own is wanted, whose time is that of the last change of its names; else a file's.
  /// - Returns: nil for anything else.
  init?(_ name: String, in folder: borrowing OpenFolder, isFolder: Bool) {
    var info = stat()
    guard fstatat(folder.descriptor, name, &info, AT_SYMLINK_NOFOLLOW) == 0,
      info.st_mode & S_IFMT == (isFolder ? S_IFDIR : S_IFREG)
    else { return nil }
    self.init(info, isFolder ? info.st_ctim : info.st_mtim)
  }

  /// The stamp of an open folder.
  ///
  /// - Returns: nil where it is on another device.
  init?(_ folder: borrowing OpenFolder, on device: UInt64) {
    var info = stat()
    guard fstat(folder.descriptor, &info) == 0, UInt64(info.st_dev) == device else { return nil }
    self.init(info, info.st_ctim)
  }

  /// The stamp of the bytes that are read from an open file.
  init(_ file: RegularFile) {
    (size, inode) = (file.size, file.inode)
    (seconds, nanoseconds) = (file.lastWrite.tv_sec, file.lastWrite.tv_nsec)
  }

  private init(_ info: stat, _ time: timespec) {
    (size, inode) = (Int(info.st_size), UInt64(info.st_ino))
    (seconds, nanoseconds) = (time.tv_sec, time.tv_nsec)
  }

  /// Seconds since 1970.
  var modified: Double { Double(seconds) + Double(nanoseconds) / 1e9 }

  /// Hexadecimal digits with colons between the numbers: thousands of runs are stamped at each look.
  var text: String {
    String(unsafeUninitializedCapacity: 4 * 17) { bytes in
      var place = 0
      func append(_ number: UInt64) {
        for digit in (0..<max(1, (67 - number.leadingZeroBitCount) / 4)).reversed() {
          let value = UInt8(truncatingIfNeeded: number >> UInt64(4 * digit)) & 15
          bytes[place] = value < 10 ? 48 + value : 87 + value
          place += 1
        }
      }
      func colon() {
        bytes[place] = UInt8(ascii: ":")
        place += 1
      }
      append(UInt64(bitPattern: Int64(size)))
      colon()
      append(UInt64(bitPattern: Int64(seconds)))
      colon()
      append(UInt64(bitPattern: Int64(nanoseconds)))
      colon()
      append(inode)
      return place
    }
  }
}
