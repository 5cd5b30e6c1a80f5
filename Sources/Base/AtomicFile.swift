import Foundation
import Glibc

/// Writes a file as a whole: whoever reads it sees the old content or the new one, never a part.
///
/// What stands at the path stays what it is: a link is followed, an existing file keeps its mode and owner, and a pipe or a
/// device gets the bytes.
public enum AtomicFile {
  /// - Throws: `system` with the reason where the system refuses.
  public static func write(_ data: Data, to path: String) throws {
    try write(to: path) { try all(data, to: $0, path) }
  }

  /// Moves a finished file of the same folder to `path`, under the same rules.
  public static func move(_ finished: String, to path: String) throws {
    let target = resolved(path)
    var info = stat()
    if stat(target, &info) == 0 {
      guard info.st_mode & S_IFMT == S_IFREG else {
        try write(RegularFile(path: finished).contents(), to: path)
        return
      }
      adopt(info, finished)
    }
    guard rename(finished, target) == 0 else { throw refusal(path) }
  }

  private static func write(to path: String, _ body: (Int32) throws -> Void) throws {
    let target = resolved(path)
    var info = stat()
    let isThere = stat(target, &info) == 0
    if isThere, info.st_mode & S_IFMT != S_IFREG { return try writeInto(target, path, body) }
    let folder = (target as NSString).deletingLastPathComponent
    let temporary = (folder.isEmpty ? "." : folder) + "/.vcsh-\(UUID().uuidString)"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw refusal(path) }
    do {
      defer { close(descriptor) }
      try body(descriptor)
      if isThere { adopt(info, temporary) }
      // A disk that is full may say so only now.
      guard fsync(descriptor) == 0 else { throw refusal(path) }
    } catch {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, target) == 0 else {
      let failure = refusal(path)
      unlink(temporary)
      throw failure
    }
  }

  /// A pipe without a reader is refused at once, not waited for.
  private static func writeInto(_ target: String, _ path: String, _ body: (Int32) throws -> Void) throws {
    let descriptor = open(target, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else {
      if errno == ENXIO { throw Failure(.system, "\(path): no program reads from this pipe") }
      throw refusal(path)
    }
    defer { close(descriptor) }
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
    try body(descriptor)
  }

  private static func all(_ data: Data, to descriptor: Int32, _ path: String) throws {
    try data.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count, let start = bytes.baseAddress {
        let count = Glibc.write(descriptor, start + done, bytes.count - done)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw refusal(path) }
        done += count
      }
    }
  }

  /// Mode and owner of the file that is replaced; what only its owner may give stays as it is.
  private static func adopt(_ info: stat, _ path: String) {
    _ = chown(path, info.st_uid, info.st_gid)
    _ = chmod(path, info.st_mode & 0o7777)
  }

  /// The file behind links; the path itself where there is none.
  private static func resolved(_ path: String) -> String {
    var target = path
    // A link may point to a file that is not there yet.
    for _ in 0..<40 {
      var info = stat()
      guard lstat(target, &info) == 0, info.st_mode & S_IFMT == S_IFLNK,
        let next = try? FileManager.default.destinationOfSymbolicLink(atPath: target)
      else { return target }
      let folder = (target as NSString).deletingLastPathComponent
      target = next.hasPrefix("/") || folder.isEmpty ? next : folder + "/" + next
    }
    return target
  }

  private static func refusal(_ path: String) -> Failure {
    let code = errno
    let folder = (path as NSString).deletingLastPathComponent
    let hint: String? =
      switch code {
      case _ where SystemRefusal.remedy(code, path) != nil: SystemRefusal.remedy(code, path)
      case ENOSPC, EDQUOT: "the disk is full: remove files, or write to another disk"
      case EACCES, EPERM: "check the permissions of \(folder.isEmpty ? "this folder" : folder)"
      case ENOENT, ENOTDIR: Suggestion.hint(forPath: folder) ?? "check that the folder exists"
      default: nil
      }
    return Failure(.system, "\(path): can't be written: \(SystemRefusal.reason(code, path))", hint: hint)
  }
}
