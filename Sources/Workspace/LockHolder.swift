import Base
import Foundation
import Glibc

/// The process that holds SQLite's lock on a catalogue, as the kernel lists it.
///
/// The list is read, and the lock itself never tried: closing a second descriptor of the file would drop our own locks.
package enum LockHolder {
  /// The bytes that SQLite locks.
  private static let locked = 0x4000_0000..<0x4000_0200

  /// Where the kernel does not list locks, or the process is in another container: nil.
  static func process(of path: String) -> Int32? {
    guard let text = try? String(contentsOfFile: "/proc/locks", encoding: .utf8) else { return nil }
    return process(of: path, in: text, own: getpid())
  }

  package static func process(of path: String, in list: String, own: Int32) -> Int32? {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    let holders = list.split(separator: "\n").compactMap { line -> (pid: Int32, isWriter: Bool)? in
      // 1: POSIX  ADVISORY  WRITE 3548 fe:00:123456 1073741824 1073742335
      let fields = line.split(separator: " ")
      guard fields.count == 8, fields[1] == "POSIX", let pid = Int32(fields[4]), pid > 0, pid != own,
        fields[5].split(separator: ":").last.flatMap({ UInt($0) }) == UInt(info.st_ino),
        let start = Int(fields[6]), locked.contains(start)
      else { return nil }
      return (pid, fields[3] == "WRITE")
    }
    return (holders.first(where: \.isWriter) ?? holders.first)?.pid
  }

  /// `process 123 (vcsh -w DIR)`
  package static func words(_ pid: Int32) -> String {
    let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
    let command = line.split(separator: 0).prefix(4).enumerated().map { index, word in
      let text = String(decoding: word, as: UTF8.self)
      return index == 0 ? (text as NSString).lastPathComponent : text
    }.joined(separator: " ")
    return "process \(pid)" + (command.isEmpty ? "" : " (\(SafeText.line(command.shortened)))")
  }
}
