import Foundation
import Glibc

/// Tells other shells that this one lives: a file that it holds locked, `locks/SESSION`.
///
/// The file system drops the lock when the process ends, however it ends and on whatever host. So no host's name and no
/// clock is asked.
final class SessionLease: Sendable {
  private let path: String
  private let descriptor: Int32

  /// Nil where the lock can't be taken: a full disk must not keep a workspace from opening.
  init?(_ session: String, in root: String) {
    let folder = root + "/locks"
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { return nil }
    let path = folder + "/" + session
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit {
    unlink(path)
    close(descriptor)
  }

  /// Whether a session's process lives. Nil where it left no lock: it has ended in good order, or is an older vcsh.
  static func isHeld(_ session: String, in root: String) -> Bool? {
    // The name comes from the catalogue.
    guard !session.isEmpty, session.utf8.allSatisfy({ $0 == 0x2d || Character(Unicode.Scalar($0)).isHexDigit }) else {
      return nil
    }
    let path = root + "/locks/" + session
    let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return errno == ENOENT || errno == ENOTDIR ? nil : true }
    defer { close(descriptor) }
    // A lock that can be taken is held by nobody. What the file system can't tell counts as alive.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return true }
    unlink(path)
    return false
  }
}
