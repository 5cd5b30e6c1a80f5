import Base
import Foundation
import Glibc

/// What lies in a folder, without following links to folders.
struct FolderListing {
  private(set) var files: [String] = []
  private(set) var folders: [String] = []

  /// - Returns: nil for a folder that can't be read.
  init?(_ path: String) {
    guard let stream = opendir(path) else { return nil }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      guard let place = MemoryLayout<dirent>.offset(of: \.d_name) else { return nil }
      let name = String(
        cString: UnsafeRawPointer(entry).advanced(by: place).assumingMemoryBound(to: CChar.self))
      guard name != ".", name != ".." else { continue }
      var kind = Int32(entry.pointee.d_type)
      if kind == Int32(DT_UNKNOWN) || kind == Int32(DT_LNK) {
        var info = stat()
        let isLink = kind == Int32(DT_LNK)
        guard (isLink ? stat(path + "/" + name, &info) : lstat(path + "/" + name, &info)) == 0 else { continue }
        switch info.st_mode & S_IFMT {
        case S_IFREG: kind = Int32(DT_REG)
        case S_IFDIR where !isLink: kind = Int32(DT_DIR)
        default: continue
        }
      }
      if kind == Int32(DT_REG) { files.append(name) }
      if kind == Int32(DT_DIR) { folders.append(name) }
    }
    files.sort()
    folders.sort()
  }
}
