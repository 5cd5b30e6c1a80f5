import Foundation
import TestSupport

/// A small file system in memory. Its mounting needs rights that tests in a container may not have.
struct FullDisk {
  let folder: String

  static let isPossible: Bool = {
    guard let disk = try? FullDisk(megabytes: 1) else { return false }
    disk.unmount()
    return true
  }()

  /// - Parameter files: how many files and folders it takes; nil for as many as fit.
  init(megabytes: Int, files: Int? = nil) throws {
    folder = try Fixtures.temporaryFolder("vcsh-disk")
    let inodes = files.map { ",nr_inodes=\($0)" } ?? ""
    let made = try Program.shell("mount -t tmpfs -o size=\(megabytes)m\(inodes) tmpfs '\(folder)'", folder: "/")
    guard made.status == 0 else { throw CocoaError(.fileWriteUnknown) }
  }

  /// Another program takes all the room that is left.
  func fill() throws {
    _ = try Program.shell("head -c 1G /dev/zero > fill 2>/dev/null; cat /dev/zero >> fill 2>/dev/null", folder: folder)
  }

  func empty() { try? FileManager.default.removeItem(atPath: folder + "/fill") }

  func unmount() {
    _ = try? Program.shell("umount '\(folder)'", folder: "/")
    try? FileManager.default.removeItem(atPath: folder)
  }
}
