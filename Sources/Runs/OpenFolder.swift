import CFolders
import Glibc

/// A folder that is open: what lies in it is opened by its name alone, without a walk from the root of the file system.
struct OpenFolder: ~Copyable {
  let descriptor: Int32

  private static let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC

  /// - Returns: nil for a folder that can't be read.
  init?(_ path: String) {
    let descriptor = open(path, Self.flags)
    guard descriptor >= 0 else { return nil }
    self.descriptor = descriptor
  }

  /// - Returns: as above.
  init?(_ name: String, in folder: borrowing OpenFolder) {
    let descriptor = openat(folder.descriptor, name, Self.flags)
    guard descriptor >= 0 else { return nil }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// File systems of this machine whose folders tell when their names changed last: ext2 to ext4, XFS, Btrfs, tmpfs, overlayfs,
  /// F2FS and ZFS. Folders of others may be older than they say.
  private static let local: Set<Int> = [
    0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630, 0xF2F5_2010, 0x2FC1_2FC1,
  ]

  /// The device that it is on; nil for that of another file system.
  var localDevice: UInt64? {
    var info = stat()
    guard Self.local.contains(cfolders_system(descriptor)), fstat(descriptor, &info) == 0 else { return nil }
    return UInt64(info.st_dev)
  }

  /// Hands over the bytes of a short log in it, and the stamp that it had before: if another program writes to it meanwhile, the
  /// next look finds another stamp, and reads it again.
  ///
  /// - Parameter isWanted: of the stamp.
  /// - Returns: nil for anything else.
  func read<Result>(
    _ name: String, _ room: borrowing ReadingRoom, where isWanted: (LogStamp) -> Bool,
    _ use: (UnsafeBufferPointer<UInt8>, LogStamp) -> Result?
  ) -> Result? {
    // A pipe must not be waited for, a terminal not taken over.
    let file = openat(descriptor, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard file >= 0 else { return nil }
    defer { close(file) }
    guard let stamp = LogStamp(file), stamp.size > 0, stamp.size <= room.bytes.count, isWanted(stamp),
      pread(file, room.bytes.baseAddress, stamp.size, 0) == stamp.size
    else { return nil }
    return use(UnsafeBufferPointer(rebasing: room.bytes.bindMemory(to: UInt8.self)[..<stamp.size]), stamp)
  }
}

/// What listings and short files are read into, one after the other, by one thread.
struct ReadingRoom: ~Copyable {
  let bytes: UnsafeMutableRawBufferPointer

  /// Some hundred entries, or the log of some hundred epochs.
  init() { bytes = .allocate(byteCount: 64 << 10, alignment: 16) }

  deinit { bytes.deallocate() }
}
