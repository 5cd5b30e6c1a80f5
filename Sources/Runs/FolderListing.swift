import CFolders
import Glibc

/// What lies in a folder, without following links to folders.
struct FolderListing {
  private(set) var files: [String] = []
  private(set) var folders: [String] = []
  /// Whether each entry says itself what it is.
  private(set) var isPlain = true

  /// - Returns: nil for a folder that can't be read.
  init?(_ path: String) {
    guard let folder = OpenFolder(path) else { return nil }
    self.init(folder, ReadingRoom())
  }

  /// - Parameter folder: just opened.
  /// - Returns: as above.
  init?(_ folder: borrowing OpenFolder, _ room: borrowing ReadingRoom) {
    while true {
      let count = cfolders_entries(folder.descriptor, room.bytes.baseAddress, room.bytes.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      guard count > 0 else { break }
      guard let place = take(UnsafeRawBufferPointer(rebasing: room.bytes[..<count]), of: folder) else { return nil }
      // Nothing lies behind the largest place, with which some file systems end: a call less for each folder.
      if place == .max { break }
    }
    if files.count > 1 { files.sort() }
    if folders.count > 1 { folders.sort() }
  }

  /// - Parameter entries: as getdents64(2) lays them out: number (8 bytes), place of the next (8), length (2), kind (1), name with
  ///   a zero.
  /// - Returns: the place of what follows; nil for bytes that aren't entries.
  private mutating func take(_ entries: UnsafeRawBufferPointer, of folder: borrowing OpenFolder) -> Int64? {
    let nameStart = 19
    var start = 0
    var next: Int64?
    while start < entries.count {
      guard entries.count - start > nameStart else { return nil }
      next = entries.loadUnaligned(fromByteOffset: start + 8, as: Int64.self)
      let length = Int(entries.loadUnaligned(fromByteOffset: start + 16, as: UInt16.self))
      guard length > nameStart, length <= entries.count - start else { return nil }
      let bytes = UnsafeRawBufferPointer(rebasing: entries[start + nameStart..<start + length])
      let name = bytes[..<(bytes.firstIndex(of: 0) ?? bytes.count)]
      if !Self.isDots(name) { take(name, kind: Int(entries[start + 18]), of: folder) }
      start += length
    }
    return next
  }

  /// The folder itself, and the one above.
  private static func isDots(_ name: UnsafeRawBufferPointer.SubSequence) -> Bool {
    name.count <= 2 && name.allSatisfy { $0 == UInt8(ascii: ".") }
  }

  private mutating func take(
    _ bytes: UnsafeRawBufferPointer.SubSequence, kind: Int, of folder: borrowing OpenFolder
  ) {
    let name = String(decoding: bytes, as: UTF8.self)
    switch kind {
    case DT_REG: files.append(name)
    case DT_DIR: folders.append(name)
    case DT_UNKNOWN, DT_LNK:
      isPlain = false
      let isLink = kind == DT_LNK
      var info = stat()
      guard fstatat(folder.descriptor, name, &info, isLink ? 0 : AT_SYMLINK_NOFOLLOW) == 0 else { return }
      switch info.st_mode & S_IFMT {
      case S_IFREG: files.append(name)
      case S_IFDIR where !isLink: folders.append(name)
      default: return
      }
    default: return
    }
  }
}
